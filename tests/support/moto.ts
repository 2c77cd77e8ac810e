import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { startReadyChild } from './ready-child.ts';

const RUN = fileURLToPath(new URL('../interop/aws-peers/run.sh', import.meta.url));
const SEED_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The first start downloads and installs: allow this many milliseconds in a hook that starts moto. */
export const MOTO_START_MS = 300_000;

/** moto, running on loopback. */
export interface Moto {
  url: string;
  /** Forgets everything in every account and region. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** `accountId` overrides AssumeRole: leave it out when accounts must differ. The default is 123456789012. */
export interface MotoOptions {
  accountId?: string;
}

/** Starts moto on a free port. */
export async function startMoto(options: MotoOptions = {}): Promise<Moto> {
  const env = withoutAws(process.env);
  if (options.accountId !== undefined) env['MOTO_ACCOUNT_ID'] = options.accountId;
  const ready = z.object({ ready: z.literal(true), port: z.number() });
  const child = await startReadyChild({ command: RUN, args: ['serve', '--until-stdin-closes'], env, ready });
  const url = `http://127.0.0.1:${child.ready.port}`;
  return {
    url,
    reset: async () => {
      const response = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`moto did not reset: ${response.status}`);
    },
    stop: () => child.stop(),
  };
}

/**
 * How much to make; see `tests/interop/aws-peers/README.md`. The same options give the same landscape, except for ids.
 */
export interface SeedOptions {
  region: string;
  apis?: number;
  /** Stages of each API, 1 to 10. */
  stages?: number;
  plans?: number;
  /** This many of the last APIs are in no plan. */
  unplanned?: number;
  /** Keys of somebody else. */
  keys?: number;
  seed?: number;
}

/** What the seed asked for. moto itself makes every version `V1`. */
export const Seeded = z.object({
  account: z.string(),
  counts: z.object({
    apis: z.number(),
    stages: z.number(),
    plans: z.number(),
    keys: z.number(),
    links: z.number(),
    unplanned: z.number(),
  }),
  apis: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      description: z.string().nullable(),
      tags: z.record(z.string(), z.string()),
      stages: z.array(z.string()),
      planned: z.boolean(),
    }),
  ),
  plans: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      apiStages: z.array(z.looseObject({ apiId: z.string(), stage: z.string() })),
    }),
  ),
  keys: z.array(
    z.object({ id: z.string(), name: z.string(), enabled: z.boolean(), planId: z.string().nullable() }),
  ),
});
export type Seeded = z.infer<typeof Seeded>;

/** Fills moto with REST APIs, stages, usage plans and foreign keys. */
export async function seedMoto(url: string, options: SeedOptions): Promise<Seeded> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(RUN, ['seed', '--endpoint', url, ...args], {
    env: withoutAws(process.env),
    maxBuffer: SEED_OUTPUT_BYTES,
  });
  return Seeded.parse(JSON.parse(stdout));
}

/** Removes the machine's AWS configuration, from the environment and from its files. */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = Object.entries(env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(rest),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
