import { lineOf } from './counts.mjs';

/** A jest reporter: hands the counts to `npm test` where that started jest, else prints them on the last line. */
export default class CountsReporter {
  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites, // A file that does not load has no tests to count.
      skipped: results.numPendingTests + results.numTodoTests,
    };
    if (process.send) process.send(counts);
    else console.log(lineOf(counts));
  }
}
