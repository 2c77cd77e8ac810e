/** What is wrong with an installation, and how to mend it: `federation-agent doctor`. */
export { doctorCommand } from './command.ts';
export type { CheckResult } from './result.ts';
