/**
 * Reads secrets of a real cluster through the agent's own configuration, as service accounts of different Roles.
 * KUBECONFIG is an administrator's, KUBECTL the program, API_PORT that of the API server on loopback. A line "passed:
 * …" each.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '@federation-agent/base';
import { loadConfig } from '@federation-agent/configuration';

const namespace = 'agent-secrets';
const port = process.env['API_PORT'] ?? '16443';

function kubectl(args: readonly string[], input?: string): string {
  const done = spawnSync(process.env['KUBECTL'] ?? 'kubectl', args, {
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  });
  if (done.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${done.stderr}`);
  return done.stdout.trim();
}

const secret = (token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'apim', namespace },
    stringData: { token },
  });

/** A folder like the one that a pod has. */
function serviceAccount(folder: string, name: string): string {
  const own = join(folder, name);
  spawnSync('mkdir', ['-p', own]);
  writeFileSync(join(own, 'token'), kubectl(['-n', namespace, 'create', 'token', name]));
  writeFileSync(join(own, 'namespace'), namespace);
  writeFileSync(
    join(own, 'ca.crt'),
    kubectl([
      '-n',
      namespace,
      'get',
      'configmap',
      'kube-root-ca.crt',
      '-o',
      String.raw`jsonpath={.data.ca\.crt}`,
    ]),
  );
  return own;
}

const load = (serviceAccountDir: string) =>
  loadConfig({
    argv: [],
    cwd: tmpdir(),
    env: {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: port,
      gravitee_federation_kubernetes_serviceAccountDir: serviceAccountDir,
      gravitee_integration_connector_ws_endpoints_0: 'https://apim.example.com',
      gravitee_integration_connector_ws_headers_0_name: 'Authorization',
      gravitee_integration_connector_ws_headers_0_value: 'bearer secret://kubernetes/apim:token?watch',
      gravitee_integration_providers_0_type: 'aws-api-gateway',
      gravitee_integration_providers_0_integrationId: 'one',
      gravitee_integration_providers_0_configuration_region: 'eu-west-1',
    },
  });

const folder = mkdtempSync(join(tmpdir(), 'verify-k8s-'));
try {
  kubectl(['delete', 'namespace', namespace, '--ignore-not-found']);
  kubectl(['create', 'namespace', namespace]);
  kubectl(['apply', '-f', '-'], secret('first'));
  for (const [name, verbs] of [
    ['reader', ['get', 'list', 'watch']],
    ['stranger', []],
  ] as const) {
    kubectl(['-n', namespace, 'create', 'serviceaccount', name]);
    if (verbs.length === 0) continue;
    const allowed = ['--resource=secrets', '--resource-name=apim', ...verbs.map((verb) => `--verb=${verb}`)];
    kubectl(['-n', namespace, 'create', 'role', name, ...allowed]);
    kubectl([
      '-n',
      namespace,
      'create',
      'rolebinding',
      name,
      `--role=${name}`,
      `--serviceaccount=${namespace}:${name}`,
    ]);
  }

  const loaded = await load(serviceAccount(folder, 'reader'));
  assert.equal(loaded.config.integration.connector.ws.headers[0]?.value, 'bearer first');
  console.log('passed: a service account reads the secret that its Role names');

  const changed = Promise.withResolvers<string | undefined>();
  loaded.live.watch('integration.connector.ws.headers', ({ integration }) =>
    changed.resolve(integration.connector.ws.headers[0]?.value),
  );
  const following = loaded.follow({
    secret: () => undefined,
    changed: () => undefined,
    atNextStart: () => undefined,
    trouble: console.error,
  });
  kubectl(['apply', '-f', '-'], secret('second'));
  assert.equal(await changed.promise, 'bearer second');
  await following.stop();
  console.log('passed: a watched secret changes without a restart');

  const refused: unknown = await load(serviceAccount(folder, 'stranger')).catch((error: unknown) => error);
  assert(refused instanceof ConfigurationError);
  assert.match(
    refused.lines.join('\n'),
    /stranger may not get it: it needs a Role in the namespace agent-secrets/u,
  );
  console.log(`passed: a denied read names the Role: ${refused.lines.join('\n')}`);
} finally {
  rmSync(folder, { recursive: true });
}
