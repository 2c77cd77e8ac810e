/** Finds what is wrong with an installation, and says how to fix it: `federation-agent doctor`. */
export { doctorCommand } from './command.ts';
export { runDoctor } from './run-doctor.ts';
export type { CheckResult } from './result.ts';
