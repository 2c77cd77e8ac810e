/** ctl as a process of its own. */
import { ctlCommand } from '../../src/ctl/command.ts';

process.exit(await ctlCommand(process.argv.slice(2)));
