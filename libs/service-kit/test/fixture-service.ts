/** A service for the tests of the life cycle. `FIXTURE` says what it does wrong. */
import { runService } from '../src/lifecycle.ts';

await runService({
  service: 'gateway-link',
  description: 'a service for tests',
  start: ({ telemetry: { log, registry }, clock, nodeRoutes }) => {
    const answer = () => Promise.resolve({ status: 200, body: { of: 'the fixture' } });
    nodeRoutes?.add([{ method: 'GET', path: '/fixture', answer }]);
    switch (process.env['FIXTURE']) {
      case 'rejects':
        void Promise.reject(new Error('nobody caught this'));
        break;
      case 'fails':
        return Promise.reject(new Error('cannot start'));
      default:
        log.info({ metrics: registry.contentType, note: 'the token is t0k3n-value' }, 'running');
    }
    return Promise.resolve({
      stop: async () => {
        if (process.env['FIXTURE'] === 'hangs') await new Promise<never>(() => undefined);
        await clock.sleep(50);
        log.info('drained');
      },
    });
  },
});
