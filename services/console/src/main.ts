import { runService } from '@federation-agent/service-kit';
import { consoleService } from './start.ts';

await runService({
  service: 'console',
  description: 'Shows operators what the agent sees, does and waits for, and takes their decisions.',
  start: consoleService(),
});
