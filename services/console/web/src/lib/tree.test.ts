import { expect, test } from '@jest/globals';
import { treeMove, treeRows } from './tree.ts';

const leaf = (id: string) => ({ id, children: [] });
const tree = [{ id: 'a', children: [{ id: 'a1', children: [leaf('a1x')] }, leaf('a2')] }, leaf('b')];
const rows = treeRows(tree, new Set(['a']));

test('what is below a closed node is not seen', () =>
  expect(rows.map(({ node, level, place, siblings }) => [node.id, level, place, siblings])).toEqual([
    ['a', 1, 1, 2],
    ['a1', 2, 1, 2],
    ['a2', 2, 2, 2],
    ['b', 1, 2, 2],
  ]));

test.each([
  ['ArrowDown', 'a', { focus: 'a1' }],
  ['ArrowUp', 'a', undefined],
  ['End', 'a', { focus: 'b' }],
  ['Home', 'b', { focus: 'a' }],
  ['ArrowRight', 'a', { focus: 'a1' }],
  ['ArrowRight', 'a1', { open: 'a1' }],
  ['ArrowRight', 'b', undefined],
  ['ArrowLeft', 'a', { close: 'a' }],
  ['ArrowLeft', 'a2', { focus: 'a' }],
  ['ArrowLeft', 'b', undefined],
  ['q', 'a', undefined],
])('%s on %s', (key, active, move) => expect(treeMove(key, rows, active)).toEqual(move));
