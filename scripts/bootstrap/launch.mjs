import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Starts a program in this one's place: same terminal, same working folder; its end is ours.
 * Ctrl-C in a terminal reaches the program by itself, so SIGINT is handed on only where there is no terminal.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export const launch = (command, args, env) => {
  const child = spawn(command, args, { env, stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`${command} cannot be started: ${error.message}`);
    process.exitCode = 127;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
    process.exit();
  });
};

/** Ends this program with what went wrong, said once and without a stack. @param {Error} error @returns {never} */
export const giveUp = (error) => {
  console.error(error.message);
  process.exit(1);
};
