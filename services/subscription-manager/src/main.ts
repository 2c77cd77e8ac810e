import { runService } from '@federation-agent/service-kit';
import { startSubscriptionManager } from './index.ts';

await runService({
  service: 'subscription-manager',
  description: 'Creates and deletes the API keys of APIM subscriptions in AWS, crash-safe.',
  start: startSubscriptionManager,
});
