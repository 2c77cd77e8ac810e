/**
 * Two installations share one NATS server, each with its own namespace. They do not see each other, not even with the
 * same integration id.
 */
import { expect } from '@jest/globals';
import { startTestBroker, type TestBroker, userOf, usersBlock } from '@federation-agent/broker/test';
import {
  oneOfEach,
  playIn,
  suite,
  type AgentBroker,
  type Fleet,
  type Peers,
  type World,
} from '../support/index.ts';
import { expectAccepted, idOf, ingest, makeApis, startConnected } from '../interop/scenarios/steps.ts';

const integration = 'integration-1';
const namespaces = ['one', 'two'] as const;

/** Started for the first installation, ended with the last one. */
let server: Promise<TestBroker> | undefined;
let installed = 0;

async function shared(namespace: string): Promise<AgentBroker> {
  installed += 1;
  server ??= startTestBroker({ config: usersBlock(namespaces) });
  const broker = await server;
  return {
    environment: (program) => {
      const { user, password } = userOf(namespace, program === 'standalone' ? 'gateway-link' : program);
      return {
        NATS_URL: broker.url,
        gravitee_federation_broker_namespace: namespace,
        gravitee_federation_broker_user: user,
        gravitee_federation_broker_password: password,
      };
    },
    prepared: () => Promise.resolve(),
    restart: () => broker.restart(),
    stop: async () => {
      installed -= 1;
      if (installed === 0) await broker.stop();
    },
  };
}

const fleet = (namespace: string): Fleet => ({
  ...oneOfEach,
  name: namespace,
  startBroker: () => shared(namespace),
});

function installations(peers: Peers): void {
  const worlds: { world: World; apiId: string; planId: string }[] = [];
  const options = {
    timeScale: 20,
    integrations: [{ id: integration }],
    prepare: async (world: World): Promise<void> => {
      const { stages, planId } = await makeApis(world, {
        count: 1,
        name: `of-${worlds.length}`,
        plan: 'gold',
      });
      worlds.push({ world, planId, apiId: stages.map((stage) => idOf(world, stage)).join() });
      await startConnected(world, [integration]);
    },
  };
  const [scenario] = namespaces.map((namespace) => playIn({ ...peers, fleet: fleet(namespace) }, options));

  scenario?.('what one discovers, ingests and subscribes is nowhere in the other', async () => {
    for (const { world, apiId } of worlds) {
      await ingest(world.apim, integration);
      const { apis } = await world.apim.apis(integration);
      expect(apis.map(({ uniqueId }) => uniqueId)).toEqual([apiId]);
    }
    for (const [index, { world, apiId, planId }] of worlds.entries()) {
      const subscribe = (n: number) =>
        world.apim.subscribe(integration, { apiId, planId, applicationName: `app ${n}` });
      // More than one, so that a worker of the other installation would get one of them.
      const made = await Promise.all([1, 2, 3, 4, 5, 6].map(subscribe));
      made.forEach(expectAccepted);
      const keys = await Promise.all(worlds.map((one) => one.world.aws.keys()));
      expect(keys.map(({ length }) => length)).toEqual(index === 0 ? [6, 0] : [6, 6]);
    }
  });
}

suite('two installations on one NATS server', { apim: 'sandbox', aws: 'sandbox' }, installations);
