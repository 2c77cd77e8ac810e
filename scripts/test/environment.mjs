/**
 * Jest's environment for Node, in a worker that ends. When its last test is over, nothing is open in a worker. But as
 * the worker leaves, Node 24 waits in `Environment::CleanupHandles` for a request that never returns, with a core at
 * 100 %, until jest kills it and says that tests leak. What Node would clean up ends with the process anyway.
 */
import { TestEnvironment } from 'jest-environment-node';

const leaving = Symbol.for('federation-agent.leaving');
if (!(leaving in process)) {
  Object.defineProperty(process, leaving, { value: true });
  process.on('exit', (code) => {
    // Where jest itself runs the tests, a handler that comes after this one sets the exit code.
    if (process.argv[1]?.endsWith('processChild.js')) process.reallyExit(code);
  });
}

export default TestEnvironment;
