import { runProcess } from '@federation-agent/service-kit';
import { startStandalone } from './standalone.ts';

await runProcess({
  name: 'federation-agent',
  description: 'Federates Amazon API Gateway into Gravitee APIM: the whole agent in one process.',
  start: startStandalone,
});
