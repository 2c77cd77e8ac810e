import { runProcess } from '@federation-agent/service-kit';
import { moveCommand } from './move-names.ts';
import { startStandalone } from './standalone.ts';

if (process.argv[2] === 'doctor') {
  const { doctorCommand } = await import('@federation-agent/doctor'); // The agent itself does not need it.
  await doctorCommand(process.argv.slice(3));
}
if (process.argv[2] === 'ctl') {
  const { ctlCommand } = await import('@federation-agent/console');
  process.exit(await ctlCommand(process.argv.slice(3)));
}
if (process.argv[2] === 'broker-move') process.exit(await moveCommand(process.argv.slice(3)));
await runProcess({
  name: 'federation-agent',
  description:
    'Federates Amazon API Gateway into Gravitee APIM: the whole agent in one process. With doctor as the first argument it checks the installation instead, with ctl it looks at a running agent and steers it.',
  start: startStandalone,
});
