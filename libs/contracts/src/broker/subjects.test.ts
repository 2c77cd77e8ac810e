import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { workerCommands, type WorkerCommandType } from '../exchange/integration.ts';
import { idToken } from '../ids.ts';
import { realLimits } from '../limits.ts';
import { parseCommandSubject, subjectsOf, workerKinds } from './subjects.ts';
import { commandConsumer, ingestConsumer, streamSpecs } from './topology.ts';

const subjects = subjectsOf('some_where-1');
const input = { subjects, limits: realLimits };
const types = Object.keys(workerCommands) as WorkerCommandType[];

/** NATS subject matching: `*` is one token, `>` one or more at the end. */
function matches(filter: string, subject: string): boolean {
  const [pattern, tokens] = [filter.split('.'), subject.split('.')];
  for (const [index, want] of pattern.entries()) {
    if (want === '>') return tokens.length > index;
    if (want !== '*' && want !== tokens[index]) return false;
  }
  return pattern.length === tokens.length;
}

describe('subjects', () => {
  it('a command subject is parsed into what it was built from', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.string({ minLength: 1 }), (type, integration) => {
        expect(parseCommandSubject(subjects.command(type, integration))).toEqual({
          kind: workerCommands[type],
          verb: type.toLowerCase(),
          integrationToken: idToken(integration),
        });
      }),
    );
    expect(parseCommandSubject('some_where-1.v1.event.api.added')).toBeUndefined();
  });

  it('every command has exactly one consumer, since filters on a work queue must not overlap', () => {
    const filters = workerKinds.map((kind) => commandConsumer(kind, input).filter);
    for (const type of types) {
      expect(filters.filter((filter) => matches(filter, subjects.command(type, 'any')))).toHaveLength(1);
    }
  });

  it('every subject that is published lies in exactly one stream', () => {
    const specs = streamSpecs(input);
    const published = [
      ...types.map((type) => subjects.command(type, 'i')),
      subjects.ingest('i'),
      subjects.event('api', 'added', 'a:b:c:d'),
      subjects.dead('COMMANDS'),
    ];
    for (const subject of published) {
      expect(specs.filter((spec) => spec.subjects.some((filter) => matches(filter, subject)))).toHaveLength(
        1,
      );
    }
    for (const request of [subjects.linkReply('l'), subjects.alive('discovery', 'i')]) {
      expect(specs.some((spec) => spec.subjects.some((filter) => matches(filter, request)))).toBe(false);
    }
  });

  it('an ingest consumer sees its own integration only', () => {
    const { filter, maxAckPending } = ingestConsumer('one', input);
    expect(matches(filter, subjects.ingest('one'))).toBe(true);
    expect(matches(filter, subjects.ingest('two'))).toBe(false);
    expect(maxAckPending).toBe(1);
  });
});
