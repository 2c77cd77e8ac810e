/** How often the Kubernetes API is asked for a secret that is followed, and with which pauses. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startKubernetesApi, type KubernetesApi } from '../../test/kubernetes-api.ts';
import { openKubernetes } from './kubernetes.ts';

/** As 5 s and 30 s are. */
const pauses = { again: 100, unwatched: 600 };
let api: KubernetesApi;
beforeEach(async () => {
  api = await startKubernetesApi('agents');
});
afterEach(() => api.stop());

/** Follows a secret until there was so much trouble; answers when the API was asked. */
async function askedAt(troubles: number): Promise<number[]> {
  const over = new AbortController();
  let seen = 0;
  const trouble = (): void => {
    seen += 1;
    if (seen === troubles) over.abort();
  };
  const { env, serviceAccountDir } = api;
  const kubernetes = openKubernetes({ env, serviceAccountDir, pauses });
  await kubernetes.follow(
    { secret: 'apim', namespace: undefined },
    { data: () => undefined, trouble },
    over.signal,
  );
  return [...api.requests];
}

test('a secret that is not there is read again every 5 s, jittered by a quarter, until the process ends', async () => {
  const asked = await askedAt(5);
  expect(asked).toHaveLength(5);
  // All four pauses together: a busy machine may show a single one shorter.
  expect((asked[4] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(0.9 * 4 * 0.75 * pauses.again);
});

test('one that may not be watched is read every 30 s', async () => {
  api.set('agents', 'apim', { token: 'one' });
  api.deny('watch');
  const over = new AbortController();
  const { env, serviceAccountDir } = api;
  let read = 0;
  const data = (): void => {
    read += 1;
    if (read === 3) over.abort();
  };
  const kubernetes = openKubernetes({ env, serviceAccountDir, pauses });
  await kubernetes.follow(
    { secret: 'apim', namespace: undefined },
    { data, trouble: () => undefined },
    over.signal,
  );
  // Read and refused to watch, twice, and read; a watch that the abort caught may have left, too.
  expect(api.requests.length).toBeGreaterThanOrEqual(5);
  expect(api.requests.length).toBeLessThanOrEqual(6);
  const all = (api.requests[4] ?? 0) - (api.requests[1] ?? 0);
  expect(all).toBeGreaterThanOrEqual(0.9 * 2 * 0.75 * pauses.unwatched);
});
