/** 30,000 stages in the catalog, and how long a search of them takes in a browser. */
import { mapConcurrently } from '@federation-agent/base';
import { openBucket } from '@federation-agent/broker';
import { connectTestBroker, type TestBroker } from '@federation-agent/broker/test';
import { CatalogEntry, catalogKeys, limitsAt } from '@federation-agent/contracts';
import type { Page } from 'playwright-core';
import { integration } from './start-console.ts';

const stages = 30_000;
const stagesOfApi = 3;
/** Records on their way to the broker at a time. */
const atOnce = 100;

interface Search {
  readonly words: string;
  /** What the page says then. */
  readonly found: string;
}

export const searches: readonly Search[] = [
  { words: 'parcels 09999', found: '3 stages' },
  { words: 'API0001234 prod', found: '1 stage' },
  { words: 'eu-west-1 prod gold', found: '5,000 stages' },
];

/** Writes the records as aws-discovery does. */
export async function seedLargeEstate(server: Pick<TestBroker, 'url'>): Promise<void> {
  // So many writes at once may take a busy machine longer than the agent waits.
  const broker = await connectTestBroker(server, 'aws-discovery', { ...limitsAt(1), brokerCall: 60_000 });
  const catalog = await openBucket(broker, 'catalog', CatalogEntry);
  await mapConcurrently([...Array(stages).keys()], atOnce, async (index) => {
    const entry = entryOf(index);
    await catalog.put(catalogKeys.entry(integration, entry), entry);
  });
  await broker.close();
}

/** Runs in the page. As text: the benchmark, which calls it too, has no types of a browser. */
const searchInPage = `(text, expected) =>
  new Promise((resolve) => {
    const input = document.querySelector('input[type=search]');
    const status = document.querySelector('.bar [role=status]');
    const since = performance.now();
    const look = () => {
      if (status.textContent === expected) resolve(performance.now() - since);
      else requestAnimationFrame(look);
    };
    input.value = text;
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    requestAnimationFrame(look);
  })`;

/** Milliseconds from the letters in the field to the frame that shows their result, measured in the page. */
export function searched(page: Page, { words, found }: Search): Promise<number> {
  return page.evaluate<number>(`(${searchInPage})(${JSON.stringify(words)}, ${JSON.stringify(found)})`);
}

function entryOf(index: number): CatalogEntry {
  const number = Math.floor(index / stagesOfApi);
  const account = `11112222333${number % 4}`;
  const region = number % 2 === 0 ? 'eu-west-1' : 'us-east-1';
  const stage = ['prod', 'test', 'dev'][index % stagesOfApi] ?? 'prod';
  const restApiId = `api${String(number).padStart(7, '0')}`;
  const thing = ['orders', 'pets', 'invoices', 'parcels'][number % 4] ?? 'orders';
  return {
    uniqueId: `${account}:${region}:${restApiId}:${stage}`,
    integrationId: integration,
    account,
    region,
    restApiId,
    stage,
    name: `${thing} ${String(number).padStart(5, '0')}`,
    version: '1.0.0',
    description: `All about ${thing}`,
    tags: { team: thing },
    endpointTypes: ['REGIONAL'],
    disableExecuteApiEndpoint: false,
    vpcEndpointIds: [],
    invokeUrl: `https://${restApiId}.execute-api.${region}.amazonaws.com/${stage}`,
    plans: [
      {
        usagePlanId: 'plan01',
        name: 'gold',
        description: '',
        limits: { rateLimit: 10 },
        methodLimits: {},
        sent: true,
      },
    ],
    document: { state: 'pending' },
    verified: true,
    plansSent: true,
    firstSeenAt: 1_760_000_000_000,
    changedAt: 1_760_000_000_000 + index,
  };
}
