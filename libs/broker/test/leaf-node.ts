/** A nats-server with the streams, and a leaf node that services connect to: the domain of the first is `hub`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endNats, freePorts, launchNats, reachable } from './nats-process.ts';
import { findNatsServer } from './nats-server.ts';

export const hubDomain = 'hub';

export interface TestLeafNode {
  /** Of the leaf node. */
  readonly url: string;
  stop(): Promise<void>;
}

/** @param users `authorization` of the leaf node's configuration */
export async function startTestLeafNode(users: string): Promise<TestLeafNode> {
  const binary = findNatsServer();
  const [hubPort = 0, leafListen = 0, leafPort = 0] = await freePorts(3);
  const start = async (config: string, port: number) => {
    const folder = mkdtempSync(join(tmpdir(), 'federation-leaf-'));
    const child = launchNats(
      binary,
      folder,
      `${config}\nlisten: "127.0.0.1:${port}"\n`.replace('$STORE', folder),
    );
    await reachable(port);
    return async () => {
      await endNats(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    };
  };
  const jetStream = (domain: string): string =>
    `jetstream { store_dir: "$STORE", domain: ${domain}, sync_interval: always }`;
  const stops = [
    await start(`${jetStream(hubDomain)}\nleafnodes { listen: "127.0.0.1:${leafListen}" }`, hubPort),
    await start(
      `${jetStream('leaf')}\nleafnodes { remotes: [{ url: "nats-leaf://127.0.0.1:${leafListen}" }] }\n${users}`,
      leafPort,
    ),
  ];
  return {
    url: `nats://127.0.0.1:${leafPort}`,
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
