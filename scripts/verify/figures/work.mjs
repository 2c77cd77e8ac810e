/** The work for an agent that is measured: 4,000 stages, and keys for many subscriptions. */
import { integration } from '../sandbox-agent.mjs';
import { until } from '../processes.mjs';

/** Each region has its own budget of calls, so eight regions are read eight times as fast as one. */
export const regions = [
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-central-1',
  'eu-north-1',
  'us-east-1',
  'us-east-2',
  'us-west-2',
];
const apisOfRegion = 125;
const stagesOfApi = 4;
export const stages = regions.length * apisOfRegion * stagesOfApi;
const subscriptions = 100;

/** @param {string} url @param {object} [body] @returns {Promise<any>} */
const post = async (url, body) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${await response.text()}`);
  return response.json();
};
/** @param {string} url @returns {Promise<any>} */
const get = async (url) => (await fetch(url)).json();

/** @param {{ control: number, aws: number }} ports */
export const sandboxAt = ({ control, aws }) => {
  const home = `http://127.0.0.1:${control}/integrations/${integration}`;
  return {
    connected: async () => {
      const { channels } = await get(`${home}/channels`);
      return channels.some((/** @type {any} */ one) => one.active && one.primary);
    },
    /** AWS gets 4,000 stages; all are discovered and ingested. */
    ingestAll: async () => {
      for (const region of regions)
        await post(`http://127.0.0.1:${aws}/_sandbox/seed`, {
          region,
          apis: apisOfRegion,
          stages: stagesOfApi,
          plans: 10,
          unplanned: 0,
          prefix: region,
        });
      // The manual scan is DISCOVER. Its answer is partial until everything is read, so it is repeated.
      await until(
        `${stages} stages`,
        async () => ((await post(`${home}/discover`)).payload?.apis.length ?? 0) >= stages,
        300_000,
      );
      const { jobId, errorDetails } = await post(`${home}/ingest`);
      if (jobId === undefined) throw new Error(`START_INGEST: ${errorDetails}`);
      await until(
        'the end of the ingest',
        async () => (await get(`${home}/ingest/${jobId}`)).status !== 'PENDING',
        600_000,
      );
      const { status, apis } = await get(`${home}/ingest/${jobId}`);
      if (status !== 'SUCCESS') throw new Error(`the ingest job ended ${status} with ${apis} APIs`);
    },
    /** Keys for many at once, and their end. */
    subscribeAll: async () => {
      const { apis } = await get(`${home}/apis`);
      const open = apis.filter((/** @type {any} */ api) => api.plans.length > 0).slice(0, subscriptions);
      const made = await Promise.all(
        open.map((/** @type {any} */ api) =>
          post(`${home}/subscriptions`, { apiId: api.id, planId: api.plans[0].id }),
        ),
      );
      const bad = made.find(({ status }) => status !== 'ACCEPTED');
      if (bad) throw new Error(`a subscription: ${bad.status} ${bad.errorDetails}`);
    },
  };
};
