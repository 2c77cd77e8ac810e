/**
 * Kubernetes secrets, read as the pod's service account with two calls of the Kubernetes API over HTTPS. The token is
 * read again for every call, because the kubelet replaces it every hour.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { describeError, FederationError } from '@federation-agent/base';

/** A Kubernetes secret cannot be read; the message says why, and what to do. */
class KubernetesSecretError extends FederationError {
  /** HTTP status of the API's answer; undefined: no answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, cause?: unknown) {
    super(message, { code: 'kubernetes-secret', disposition: 'final', cause });
    this.status = status;
  }
}

export interface SecretName {
  readonly secret: string;
  /** Absent: the namespace of the pod. */
  readonly namespace: string | undefined;
}

/** The texts of a secret, by key. */
export type SecretData = ReadonlyMap<string, string>;

export interface KubernetesOptions {
  /** `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` are set in every pod. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Has the files `token`, `ca.crt` and `namespace`. */
  readonly serviceAccountDir: string;
  /** Shorter in tests. */
  readonly pauses?: SecretPauses;
}

/** Milliseconds. */
export interface SecretPauses {
  /** The pause before the secret is read again after its watch ended. */
  readonly again: number;
  /** The same when the service account may read the secret but not watch it. */
  readonly unwatched: number;
}

export interface Kubernetes {
  /** @throws KubernetesSecretError */
  read(name: SecretName): Promise<SecretData>;
  /** Reads and watches until the signal is aborted. Tells every state, including the first one, and every problem. */
  follow(
    name: SecretName,
    listener: {
      readonly data: (data: SecretData) => void;
      readonly trouble: (error: KubernetesSecretError) => void;
    },
    signal: AbortSignal,
  ): Promise<void>;
}

const Secret = z.object({
  metadata: z.object({ resourceVersion: z.string().optional() }).default({}),
  data: z.record(z.string(), z.string()).nullish(),
});
type Secret = z.output<typeof Secret>;
const WatchEvent = z.object({ type: z.string(), object: z.unknown() });

const answerMs = 10_000;
/** The API ends a watch after this time; then a new one starts. */
const watchSeconds = 240;

export function openKubernetes(options: KubernetesOptions): Kubernetes {
  const { again, unwatched } = options.pauses ?? { again: 5_000, unwatched: 30_000 };

  const namespaceOf = async ({ namespace }: SecretName): Promise<string> =>
    namespace ?? (await ownFile(options.serviceAccountDir, 'namespace'));

  const read = async (name: SecretName, signal?: AbortSignal): Promise<Secret> => {
    const namespace = await namespaceOf(name);
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name.secret)}`;
    const response = await call(
      options,
      path,
      AbortSignal.any([AbortSignal.timeout(answerMs), ...(signal ? [signal] : [])]),
    );
    const body = await text(response);
    if (response.statusCode !== 200)
      throw refusal(response.statusCode ?? 0, body, name.secret, namespace, 'get');
    return parsed(Secret, body, 'the answer of the Kubernetes API');
  };

  /** Resolves when the API ends the watch. */
  const watch = async (
    name: SecretName,
    version: string,
    data: (data: SecretData) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    const namespace = await namespaceOf(name);
    const query = new URLSearchParams({
      watch: 'true',
      fieldSelector: `metadata.name=${name.secret}`,
      resourceVersion: version,
      timeoutSeconds: String(watchSeconds),
    });
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets?${query.toString()}`;
    const silent = AbortSignal.timeout((watchSeconds + 60) * 1_000);
    const response = await call(options, path, AbortSignal.any([signal, silent]));
    if (response.statusCode !== 200) {
      throw refusal(response.statusCode ?? 0, await text(response), name.secret, namespace, 'watch');
    }
    for await (const line of createInterface({ input: response })) {
      if (line === '') continue;
      const event = parsed(WatchEvent, line, 'an event of the Kubernetes API');
      if (event.type === 'ERROR') return; // Such as 410: the version is too old to watch from.
      if (event.type === 'ADDED' || event.type === 'MODIFIED') data(decoded(Secret.parse(event.object)));
    }
  };

  return {
    read: async (name) => decoded(await read(name)),
    follow: async (name, listener, signal) => {
      let toldUnwatched = false;
      const stopped = (): boolean => signal.aborted;
      while (!stopped()) {
        let pause = again;
        try {
          const secret = await read(name, signal);
          listener.data(decoded(secret));
          await watch(name, secret.metadata.resourceVersion ?? '0', listener.data, signal);
        } catch (cause) {
          if (stopped()) return;
          const error = cause instanceof KubernetesSecretError ? cause : unreachable(options, cause);
          const denied = error.status === 403;
          if (!(denied && toldUnwatched)) listener.trouble(error);
          toldUnwatched ||= denied;
          if (denied) pause = unwatched;
        }
        await sleep(pause * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/** @throws KubernetesSecretError when there is no answer */
async function call(options: KubernetesOptions, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = options.env;
  if (host === undefined || host === '') {
    throw new KubernetesSecretError('this process is not in a cluster: KUBERNETES_SERVICE_HOST is not set');
  }
  const token = await ownFile(options.serviceAccountDir, 'token');
  const ca = await ownFile(options.serviceAccountDir, 'ca.crt');
  try {
    return await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
      request({ host, port: port ?? '443', path, ca, headers, signal, agent: false }, resolve)
        .on('error', reject)
        .end();
    });
  } catch (cause) {
    throw unreachable(options, cause);
  }
}

function unreachable({ env }: KubernetesOptions, cause: unknown): KubernetesSecretError {
  const at = `${env['KUBERNETES_SERVICE_HOST'] ?? ''}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`;
  return new KubernetesSecretError(`the Kubernetes API at ${at} does not answer: ${describeError(cause)}`);
}

async function ownFile(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new KubernetesSecretError(
      `${path} cannot be read: the pod needs its service account (automountServiceAccountToken)`,
      undefined,
      cause,
    );
  }
}

function refusal(
  status: number,
  body: string,
  secret: string,
  namespace: string,
  verb: 'get' | 'watch',
): KubernetesSecretError {
  const who = /User "([^"]+)"/u.exec(body)?.[1] ?? /User \\"([^"\\]+)\\"/u.exec(body)?.[1];
  switch (status) {
    case 403:
      return new KubernetesSecretError(
        `${who ?? 'the service account'} may not ${verb} it: it needs a Role in the namespace ${namespace} with ` +
          `{apiGroups: [""], resources: ["secrets"], resourceNames: ["${secret}"], verbs: ["${verb}"]}, and a RoleBinding`,
        status,
      );
    case 404:
      return new KubernetesSecretError(`there is no secret ${secret} in the namespace ${namespace}`, status);
    case 401:
      return new KubernetesSecretError(
        "the Kubernetes API does not accept the service account's token",
        status,
      );
    default:
      return new KubernetesSecretError(`the Kubernetes API answered ${status}`, status);
  }
}

function parsed<T>(schema: z.ZodType<T>, json: string, what: string): T {
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    // The cause would quote the text that could not be parsed.
    throw new KubernetesSecretError(`${what} cannot be read`);
  }
}

function decoded({ data }: Secret): SecretData {
  return new Map(
    Object.entries(data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString('utf8').trim(),
    ]),
  );
}
