/** The console: what the agent sees, does and waits for, for operators. */
export { consoleService } from './start.ts';
export type { RunDoctor } from './doctor.ts';

/** Runs `ctl`, and answers with the exit code. Loaded when it is called: the service does not need it. */
export async function ctlCommand(argv: readonly string[]): Promise<number> {
  const { ctlCommand: run } = await import('./ctl/command.ts');
  return run(argv);
}
