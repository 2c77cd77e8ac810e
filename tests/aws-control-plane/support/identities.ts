/**
 * For tests: control planes in a process with its own environment, and the loopback endpoints that return credentials.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { SANDBOX_AGENT } from '@federation-agent/sandbox';
import { startTestBroker } from '@federation-agent/broker/test';

export interface ChildRequest {
  readonly id: number;
  readonly plane: number;
  readonly open?: { readonly env: Readonly<Record<string, string>>; readonly configuration: object };
  readonly ask: 'targets' | 'read';
}

interface ChildTargets {
  readonly ready: readonly { readonly account: string; readonly region: string; readonly identity: string }[];
  readonly waiting: readonly { readonly label: string; readonly reason: string }[];
}

export interface ChildAnswer {
  readonly id: number;
  readonly targets?: ChildTargets;
  readonly log?: readonly unknown[];
  /** REST APIs of each target that is ready. */
  readonly apis?: readonly number[];
  readonly error?: string;
}

/** A control plane in the other process. */
interface ChildPlane {
  targets(): Promise<ChildTargets>;
  log(): Promise<readonly unknown[]>;
  /** How many REST APIs each ready target has. */
  read(): Promise<readonly number[]>;
}

export interface Identities {
  /** A folder of this test: the home of its processes. */
  readonly home: string;
  /** Writes a file below the home folder, and returns its path. */
  file(name: string, text: string): Promise<string>;
  /** Opens a control plane with this environment, plus what keeps out the machine's own AWS configuration. */
  open(env: Readonly<Record<string, string>>, configuration: object): Promise<ChildPlane>;
  stop(): Promise<void>;
}

export async function startIdentities(): Promise<Identities> {
  const home = await mkdtemp(join(tmpdir(), 'federation-identities-'));
  const server = await startTestBroker();
  const clean = {
    HOME: home,
    PATH: process.env['PATH'] ?? '',
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'none'),
    AWS_CONFIG_FILE: join(home, 'none'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const script = fileURLToPath(new URL('identity-child.ts', import.meta.url));
  const child = fork(script, [server.url], { env: clean, execArgv: [], stdio: 'inherit' });
  const open = new Map<number, (answer: ChildAnswer) => void>();
  child.on('message', (answer: ChildAnswer) => open.get(answer.id)?.(answer));
  await once(child, 'message');
  let ids = 0;
  const ask = async (request: Omit<ChildRequest, 'id'>): Promise<ChildAnswer> => {
    const id = (ids += 1);
    const answer = await new Promise<ChildAnswer>((resolve) => {
      open.set(id, resolve);
      child.send({ id, ...request });
    });
    open.delete(id);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };
  return {
    home,
    async file(name, text) {
      const path = join(home, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return path;
    },
    async open(env, configuration) {
      const plane = (ids += 1);
      const first = await ask({ plane, ask: 'targets', open: { env: { ...clean, ...env }, configuration } });
      const none = { ready: [], waiting: [] };
      let given: ChildTargets | undefined = first.targets;
      return {
        async targets() {
          const now = given ?? (await ask({ plane, ask: 'targets' })).targets ?? none;
          given = undefined;
          return now;
        },
        log: async () => (await ask({ plane, ask: 'targets' })).log ?? [],
        read: async () => (await ask({ plane, ask: 'read' })).apis ?? [],
      };
    },
    async stop() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export interface Endpoint {
  readonly url: string;
  /** Requests so far: `GET /path`, with their headers. */
  readonly seen: readonly { readonly what: string; readonly headers: IncomingMessage['headers'] }[];
  stop(): void;
}

/** An HTTP endpoint on loopback. `reply` gives status and body; an object is sent as JSON. */
export async function serveEndpoint(
  reply: (what: string, headers: IncomingMessage['headers']) => Promise<readonly [number, object | string]>,
): Promise<Endpoint> {
  const seen: { what: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    const what = `${request.method ?? ''} ${request.url ?? ''}`;
    seen.push({ what, headers: request.headers });
    request.resume();
    void reply(what, request.headers).then(([status, body]) => {
      const type = typeof body === 'string' ? 'text/plain' : 'application/json';
      response.writeHead(status, { 'content-type': type });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface SessionKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Temporary keys of a role of the sandbox, as a metadata service would return them. */
export async function sessionOf(stsUrl: string, roleArn: string): Promise<SessionKeys> {
  const { accessKeyId, secretAccessKey } = SANDBOX_AGENT;
  const credentials = { accessKeyId, secretAccessKey };
  const sts = new STSClient({ region: 'eu-west-1', endpoint: stsUrl, credentials });
  try {
    const wanted = { RoleArn: roleArn, RoleSessionName: 'endpoint' };
    const { Credentials: given } = await sts.send(new AssumeRoleCommand(wanted));
    return {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    };
  } finally {
    sts.destroy();
  }
}
