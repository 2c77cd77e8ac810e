import { runService } from '@federation-agent/service-kit';
import { ctlCommand } from './ctl/command.ts';
import { consoleService } from './start.ts';

if (process.argv[2] === 'ctl') process.exit(await ctlCommand(process.argv.slice(3)));
await runService({
  service: 'console',
  description:
    'Shows operators what the agent sees, does and waits for, and takes their decisions. With ctl as the first argument it asks a running console instead.',
  start: consoleService(),
});
