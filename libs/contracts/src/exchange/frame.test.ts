import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GoodByePayload, HelloPayload, PrimaryPayload } from './channel.ts';
import { type Command, failed, succeeded, unhandledCommand, unknownCommand } from './envelope.ts';
import { encodeCommand, encodeReply, parseFrame } from './frame.ts';
import { commandPayloadSchemas, isWorkerCommand } from './integration.ts';

const golden = new URL('../../../../tests/interop/apim-controller/golden/', import.meta.url);
const goldenFiles = readdirSync(golden).filter((name) => /\.(command|reply).*\.frame$/u.test(name));
const read = (name: string) => readFileSync(new URL(name, golden));

/** Text with many of the characters that broke the controller: pairs and runs of `;`, quotes, escapes, emoji. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom(';', ';;', ';;;', '"', '\\', '\\u003b', 't:', 'e:', '🦆', '\n', '\0', 'x'))
    .map((parts) => parts.join('')),
);
/** In an object literal this key would set the prototype. */
const key = text.filter((name) => name !== '__proto__');
const { payload } = fc.letrec<{ json: unknown; payload: Record<string, unknown> }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.boolean(),
    fc.integer(),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 3 }),
  ),
  payload: fc.dictionary(key, tie('json'), { maxKeys: 4 }),
}));
const id = fc.string({ minLength: 1 });
const type = fc.stringMatching(/^[A-Z_]{1,20}$/u);

describe('round trip', () => {
  it('reads back every command it writes', () => {
    fc.assert(
      fc.property(fc.record({ id, type, payload }), (command: Command) => {
        expect(parseFrame(encodeCommand(command))).toStrictEqual({
          kind: 'command',
          exchangeType: command.type,
          command: plain(command),
        });
      }),
    );
  });

  it('reads back every reply it writes', () => {
    fc.assert(
      fc.property(
        id,
        type,
        payload,
        text,
        fc.boolean(),
        (commandId, replyType, content, details, success) => {
          const reply = success
            ? succeeded(commandId, replyType, content)
            : failed(commandId, replyType, details);
          expect(parseFrame(encodeReply(reply))).toStrictEqual({
            kind: 'reply',
            exchangeType: replyType,
            reply: plain(reply),
          });
        },
      ),
    );
  });

  it('drops null bytes, which the databases behind APIM refuse', () => {
    const frame = encodeReply(failed('c', 'DISCOVER', 'a\0b'));
    expect(parseFrame(frame)).toMatchObject({ reply: { errorDetails: 'ab' } });
  });

  it('leaves absent fields out', () => {
    expect(encodeReply(failed('c', 'SUBSCRIBE', 'no')).toString()).toBe(
      't:REPLY;;et:SUBSCRIBE;;e:{"commandId":"c","type":"SUBSCRIBE","commandStatus":"ERROR","errorDetails":"no"}',
    );
  });
});

describe('the separator', () => {
  it('is never inside the JSON, in values and in keys', () => {
    fc.assert(
      fc.property(payload, (content) => {
        expect(
          encodeCommand({ id: 'a;;b', type: 'INGEST', payload: content }).toString().split(';;'),
        ).toHaveLength(3);
      }),
    );
  });

  it('is read inside the JSON, as the controller writes it', () => {
    const frame = Buffer.from(
      't:COMMAND;;et:DISCOVER;;e:{"id":"1","type":"DISCOVER","payload":{"a":"x;;y;;e:{}"}}',
    );
    expect(parseFrame(frame)).toMatchObject({ command: { payload: { a: 'x;;y;;e:{}' } } });
  });
});

describe('anything that is no frame', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseFrame(bytes).kind).toBe('unreadable');
      }),
    );
  });

  it('never throws on a frame with broken content', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('COMMAND', 'REPLY', 'OTHER', ''),
        text,
        fc.oneof(text, fc.json()),
        (kind, exchangeType, content) => {
          expect(parseFrame(Buffer.from(`t:${kind};;et:${exchangeType};;e:${content}`)).kind).toMatch(
            /^(command|reply|unreadable)$/u,
          );
        },
      ),
    );
  });

  it.each([
    ['', 'not of the form t:..;;et:..;;e:..'],
    ['t:COMMAND;;et:DISCOVER', 'not of the form t:..;;et:..;;e:..'],
    ['t:COMMAND;;et:DISCOVER;;e:{', 'the JSON of this DISCOVER does not parse'],
    ['t:COMMAND;;et:DISCOVER;;e:{"type":"DISCOVER"}', 'DISCOVER: id not as expected'],
    ['t:EVENT;;et:DISCOVER;;e:{}', 't: is neither COMMAND nor REPLY'],
  ])('says what is wrong with %p', (frame, reason) => {
    expect(parseFrame(Buffer.from(frame))).toStrictEqual({ kind: 'unreadable', reason });
  });

  it('says that bytes are no UTF-8, and never a value', () => {
    expect(parseFrame(Buffer.from([0xff, 0xfe]))).toStrictEqual({ kind: 'unreadable', reason: 'not UTF-8' });
    const secret = parseFrame(
      Buffer.from('t:REPLY;;et:SUBSCRIBE;;e:{"commandId":5,"payload":{"apiKey":"s3cret"}}'),
    );
    expect(JSON.stringify(secret)).not.toContain('s3cret');
  });

  it('takes nulls as absent, an unknown status as ERROR, and ignores unknown fields', () => {
    const command = parseFrame(
      Buffer.from('t:COMMAND;;et:A;;e:{"id":"1","type":"A","payload":null,"new":1}'),
    );
    expect(command).toMatchObject({ command: { id: '1', type: 'A', payload: {} } });
    const reply = parseFrame(
      Buffer.from(
        't:REPLY;;et:A;;e:{"commandId":"1","type":"A","commandStatus":"MAYBE","errorDetails":null,"payload":null}',
      ),
    );
    expect(reply).toMatchObject({ reply: { commandStatus: 'ERROR' } });
  });
});

describe('frames of the real peers', () => {
  it('are there', () => expect(goldenFiles.length).toBeGreaterThanOrEqual(22));

  it.each(goldenFiles)('%s is read, its payload too', (name) => {
    const parsed = parseFrame(read(name));
    const [exchangeType, kind] = name.split('.');
    expect(parsed).toMatchObject({ kind, exchangeType });
    if (parsed.kind !== 'command') return;
    const { command } = parsed;
    if (isWorkerCommand(command.type)) commandPayloadSchemas[command.type].parse(command.payload);
    if (command.type === 'HELLO') HelloPayload.parse(command.payload);
    if (command.type === 'PRIMARY') PrimaryPayload.parse(command.payload);
    if (command.type === 'GOOD_BYE') GoodByePayload.parse(command.payload);
  });

  it.each(goldenFiles)('%s is written byte for byte as the peer wrote it', (name) => {
    const parsed = parseFrame(read(name));
    if (parsed.kind === 'unreadable') throw new Error(parsed.reason);
    const written = parsed.kind === 'command' ? encodeCommand(parsed.command) : encodeReply(parsed.reply);
    expect(written.toString()).toBe(read(name).toString());
  });

  it('holds our own words for what we cannot do', () => {
    const unknown = encodeReply(unknownCommand('189e8fb4-6e16-4223-9e8f-b46e169223d6'));
    expect(unknown.toString()).toBe(read('UNKNOWN.reply.error.frame').toString());
    const unhandled = encodeReply(unhandledCommand('be65be5f-26a1-4883-a5be-5f26a1c8836f', 'INGEST'));
    expect(unhandled.toString()).toBe(read('NO_REPLY.reply.error.frame').toString());
  });
});

/** As JSON represents it: undefined is left out, -0 is 0, no null bytes. */
function plain(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'string' ? item.replaceAll('\0', '') : item,
    ),
  );
}
