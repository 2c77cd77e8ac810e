import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  attachment,
  deadline,
  gate,
  gates,
  limits,
  afterGrace,
  record,
  start,
  subscribe,
  sweep,
  refusedAttempt,
} from '../../test/saga/builders.ts';
import { casesOfEnding } from '../../test/saga/cases-of-ending.ts';
import { casesOfKeeping } from '../../test/saga/cases-of-keeping.ts';
import { table, transition } from './transition.ts';

const cases = [...casesOfKeeping, ...casesOfEnding];

describe('the table, row by row', () => {
  test.each(
    cases.map(
      (item) => [`${item.record?.state ?? 'none'} + ${item.event.kind} -> ${item.row}`, item] as const,
    ),
  )('%s', (_name, { row, record: before, event, then, to }) => {
    const step = transition(before, event, limits);
    expect({ row: step.row, then: step.actions.map((action) => action.do) }).toEqual({ row, then });
    if (to === undefined) expect(step.record).toBeUndefined();
    else expect(step.record).toMatchObject(to);
  });

  test('is the one of the document', async () => {
    const document = await readFile(
      new URL('../../../../docs/subscription-saga.md', import.meta.url),
      'utf8',
    );
    const rows = document
      .split('## The table')[1]
      ?.split('\n## ')[0]
      ?.matchAll(/^\|.*\| (?<name>[a-zA-Z, ]*[a-zA-Z]) +\|$/gmu);
    const names = [...(rows ?? [])].map(({ groups }) => groups?.['name']).filter((name) => name !== 'name');
    expect(names).toEqual([...new Set(names)]);
    expect(new Set(names)).toEqual(new Set(table.map(({ name }) => name)));
  });

  test('has a case for every row', () => {
    const shown = new Set(cases.map(({ row }) => row));
    expect(table.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('what a life leaves behind', () => {
  test('the value is erased when it is revoked', () => {
    const { record: after } = transition(
      record('revoking'),
      { kind: 'deleted', life: 1, now: start },
      limits,
    );
    expect(after).not.toHaveProperty('value');
    expect(after).toMatchObject({ keyId: 'key1' });
  });

  test('the value stays while a call of the life may execute', () => {
    const { record: after } = transition(
      record('revoking', { openCalls: 1 }),
      { kind: 'deleted', life: 1, now: start },
      limits,
    );
    expect(after).toHaveProperty('value');
  });

  test('a key that was deleted by hand is not deleted again', () => {
    const step = transition(record('held'), attachment('key-gone'), limits);
    expect(step.actions.map((action) => action.do)).not.toContain('delete');
  });

  test('calls carry the deadline of their command', () => {
    expect(transition(undefined, subscribe(), limits).actions).toEqual([{ do: 'create', deadline }]);
    expect(transition(record('created'), subscribe(), limits).actions).toEqual([
      { do: 'attach', keyId: 'key1', deadline },
    ]);
  });

  test('a second attempt keeps a key whose first reply was never written', () => {
    const two = record('attached', { attempts: [refusedAttempt, { commandId: 'c2', deadline }] });
    const { record: after } = transition(two, sweep(afterGrace, gates(['c2', gate('delivered')])), limits);
    expect(transition(after, sweep(afterGrace), limits).record).toMatchObject({ state: 'held' });
  });
});
