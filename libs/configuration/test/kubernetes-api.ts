/** The two calls of the Kubernetes API that read secrets, over real TLS on loopback, with the files of a pod. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tlsFixture } from '@federation-agent/net/test';

export interface KubernetesApi {
  /** The environment of a pod, and the folder with its service account's files. */
  readonly env: Readonly<Record<string, string>>;
  readonly serviceAccountDir: string;
  /** Creates or changes a secret, and tells watches. */
  set(namespace: string, name: string, data: Readonly<Record<string, string>>): void;
  /** From now on these verbs are answered with 403. */
  deny(...verbs: readonly ('get' | 'watch')[]): void;
  /** Replaces the token like the kubelet; the old one is refused from then on. */
  renewToken(): void;
  /** Ends the open watches; if asked, with the event for a version that is too old. */
  endWatches(withError?: boolean): void;
  /** How many watches are open. */
  watches(): number;
  /** When each request came, ms of `performance.now()`. */
  readonly requests: readonly number[];
  stop(): Promise<void>;
}

/** @param namespace that of the pod */
export async function startKubernetesApi(namespace: string): Promise<KubernetesApi> {
  const folder = mkdtempSync(join(tmpdir(), 'service-account-'));
  const secrets = new Map<string, object>();
  const watches = new Map<ServerResponse, string>();
  const denied = new Set<string>();
  const requests: number[] = [];
  let version = 100;
  let token = 'pod-token-1';
  writeFileSync(join(folder, 'token'), `${token}\n`);
  writeFileSync(join(folder, 'namespace'), namespace);
  copyFileSync(tlsFixture('private-ca.pem'), join(folder, 'ca.crt'));

  const answer = (response: ServerResponse, code: number, body: object): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const status = (code: number, reason: string, message: string) => ({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message,
    reason,
    code,
  });
  const forbidden = (verb: string, name: string, space: string): object =>
    status(
      403,
      'Forbidden',
      `secrets "${name}" is forbidden: User "system:serviceaccount:${namespace}:agent" cannot ${verb} resource "secrets" in API group "" in the namespace "${space}"`,
    );

  const pem = readFileSync(tlsFixture('server.pem'));
  const server = createServer({ key: pem, cert: pem }, (request, response) => {
    requests.push(performance.now());
    const url = new URL(request.url ?? '/', 'https://kubernetes');
    const [, space = '', name] =
      /^\/api\/v1\/namespaces\/([^/]+)\/secrets(?:\/([^/]+))?$/u.exec(url.pathname) ?? [];
    if (request.headers.authorization !== `Bearer ${token}`) {
      answer(response, 401, status(401, 'Unauthorized', 'Unauthorized'));
    } else if (name !== undefined) {
      const secret = secrets.get(`${space}/${name}`);
      if (denied.has('get')) answer(response, 403, forbidden('get', name, space));
      else if (secret) answer(response, 200, secret);
      else answer(response, 404, status(404, 'NotFound', `secrets "${name}" not found`));
    } else {
      const wanted = (url.searchParams.get('fieldSelector') ?? '').replace('metadata.name=', '');
      if (url.searchParams.get('watch') !== 'true')
        answer(response, 405, status(405, 'MethodNotAllowed', ''));
      else if (denied.has('watch')) answer(response, 403, forbidden('watch', wanted, space));
      else {
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        watches.set(response, `${space}/${wanted}`);
        response.on('close', () => watches.delete(response));
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const endWatches = (withError = false): void => {
    for (const response of watches.keys()) {
      const event = { type: 'ERROR', object: status(410, 'Expired', 'too old resource version') };
      watches.delete(response);
      response.end(withError ? `${JSON.stringify(event)}\n` : undefined);
    }
  };
  return {
    requests,
    env: {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(port),
      gravitee_federation_kubernetes_serviceAccountDir: folder,
    },
    serviceAccountDir: folder,
    set: (space, name, data) => {
      version += 1;
      const encoded = Object.entries(data).map(
        ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
      );
      const secret = {
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: { name, namespace: space, resourceVersion: String(version) },
        type: 'Opaque',
        data: Object.fromEntries(encoded),
      };
      const type = secrets.has(`${space}/${name}`) ? 'MODIFIED' : 'ADDED';
      secrets.set(`${space}/${name}`, secret);
      for (const [response, wanted] of watches) {
        if (wanted === `${space}/${name}`) response.write(`${JSON.stringify({ type, object: secret })}\n`);
      }
    },
    deny: (...verbs) => {
      denied.clear();
      for (const verb of verbs) denied.add(verb);
    },
    renewToken: () => {
      token = `${token}+`;
      writeFileSync(join(folder, 'token'), token);
    },
    endWatches,
    watches: () => watches.size,
    stop: async () => {
      endWatches();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}
