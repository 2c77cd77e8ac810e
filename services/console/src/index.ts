/** The console: what the agent sees, does and waits for, for operators. */
export { consoleService } from './start.ts';
export { ctlCommand } from './ctl/command.ts';
export type { RunDoctor } from './doctor.ts';
