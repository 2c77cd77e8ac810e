import Sequencer from '@jest/test-sequencer';
import { costOf } from './costs.mjs';

/**
 * The longest files first, so that none of them is alone at the end of the run. jest knows what each took the last
 * time. On a fresh clone it would go by their sizes, and the scenario suites, the longest, are files of four lines.
 */
export default class LongestFirst extends Sequencer {
  /** @override @param {import('@jest/test-result').Test[]} tests @returns {import('@jest/test-result').Test[]} */
  sort(tests) {
    /** @param {import('@jest/test-result').Test} test */
    const failed = (test) => Number(this.hasFailed(test));
    const costs = new Map(
      // That of jest notes in each test what it took.
      super
        .sort(tests)
        .map((test) => [
          test,
          test.duration ?? costOf(test.path, test.context.hasteFS.getSize(test.path) ?? 0),
        ]),
    );
    return tests.toSorted((a, b) => failed(b) - failed(a) || (costs.get(b) ?? 0) - (costs.get(a) ?? 0));
  }
}
