import { relative } from 'node:path';
import { took } from '../bootstrap/run.mjs';
import { lineOf } from './counts.mjs';
import { slowest } from './slowest.mjs';

/** Progress is told so often, in ms, where jest does not draw it. */
const tellEvery = 20_000;
/** A run of fewer files is over soon, and jest names what was slow in it. */
const fewFiles = 10;

/**
 * A jest reporter: how far the run is, where its time went, and the counts. They go to `npm test` where that started
 * jest, else to the last line.
 */
export default class CountsReporter {
  #began = Date.now();
  #told = Date.now();

  /** @param {unknown} _test @param {unknown} _result @param {import('@jest/reporters').AggregatedResult} results */
  onTestResult(_test, _result, results) {
    if (process.stderr.isTTY || Date.now() - this.#told < tellEvery) return;
    this.#told = Date.now();
    const { numPassedTestSuites, numFailedTestSuites, numTotalTestSuites } = results;
    const done = numPassedTestSuites + numFailedTestSuites;
    console.error(`... ${done} of ${numTotalTestSuites} files after ${took(this.#began)}`);
  }

  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const counts = {
      passed: results.numPassedTests,
      // A file that does not load has no tests to count.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    const times = results.testResults.map(({ testFilePath, perfStats }) => ({
      file: relative(process.cwd(), testFilePath).replaceAll('\\', '/'),
      ms: perfStats.end - perfStats.start,
    }));
    if (times.length > fewFiles) console.log(slowest(times).join('\n'));
    if (process.send) process.send(counts);
    else console.log(lineOf(counts));
  }
}
