import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Sealed } from '@federation-agent/contracts';
import { systemRandomness } from '@federation-agent/base';
import { createSealer } from './seal.ts';

const newKey = (): string => randomBytes(32).toString('base64');
const sealerOf = (key: string, previous: string[] = []) =>
  createSealer({ key, previous, random: systemRandomness });

describe('a sealed value', () => {
  test('opens to what was sealed, and shows nothing of it', () => {
    const sealer = sealerOf(newKey());
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 8 }), fc.string(), (value, context) => {
        const sealed = Sealed.parse(sealer.seal(value, context));
        expect(sealer.open(sealed, context)).toBe(value);
        expect(Buffer.from(sealed.text, 'base64').includes(Buffer.from(value))).toBe(false);
      }),
    );
  });

  test('is sealed differently every time', () => {
    const sealer = sealerOf(newKey());
    expect(sealer.seal('value', 'a')).not.toEqual(sealer.seal('value', 'a'));
  });

  test('opens for no other subscription', () => {
    const sealer = sealerOf(newKey());
    expect(() => sealer.open(sealer.seal('value', 'a'), 'b')).toThrow('cannot be opened');
  });

  test('does not open when a byte was changed', () => {
    const sealer = sealerOf(newKey());
    const sealed = sealer.seal('value', 'a');
    const bytes = Buffer.from(sealed.text, 'base64');
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    expect(() => sealer.open({ ...sealed, text: bytes.toString('base64') }, 'a')).toThrow('cannot be opened');
  });
});

describe('sealing keys', () => {
  test('an older key is still read, and no longer written', () => {
    const [old, current] = [newKey(), newKey()];
    const before = sealerOf(old).seal('value', 'a');
    const sealer = sealerOf(current, [old]);
    expect(sealer.open(before, 'a')).toBe('value');
    expect(sealer.seal('value', 'a').key).not.toBe(before.key);
  });

  test('a key that is gone is named', () => {
    const sealed = sealerOf(newKey()).seal('value', 'a');
    expect(() => sealerOf(newKey()).open(sealed, 'a')).toThrow(`sealing key ${sealed.key} is not configured`);
  });

  test('the name of a key is no part of it', () => {
    const key = newKey();
    const { key: name } = sealerOf(key).seal('value', 'a');
    expect(name).toMatch(/^[0-9a-f]{12}$/u);
    expect(Buffer.from(key, 'base64').toString('hex')).not.toContain(name);
  });

  test('a key of another size is refused', () => {
    expect(() => sealerOf(randomBytes(16).toString('base64'))).toThrow(RangeError);
  });
});
