import { z } from 'zod';
import { seededRandom } from './ids.ts';
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from './principals.ts';
import type { Json } from './definition.ts';
import type { Random } from './ids.ts';
import type { QuotaLimit, ThrottleLimit } from './store.ts';

const STAGE_NAMES = ['prod', 'dev', 'test_2', 'blue-green', 'v1', 'v2', 'staging', 'sandbox', 'qa', 'perf'];
const THINGS = ['orders', 'pets', 'invoices', 'users', 'tickets', 'routes', 'prices', 'parcels'];

/** The size of a landscape. The same numbers and `seed` give the same landscape, including ids. */
export const SeedInput = z.strictObject({
  account: z.string().default(DEFAULT_ACCOUNT),
  region: z.string().default(DEFAULT_REGION),
  seed: z.int().default(1),
  /** Number of REST APIs; the last `unplanned` of them are in no plan. */
  apis: z.int().min(0).default(6),
  unplanned: z.int().min(0).default(1),
  /** Stages of each API. */
  stages: z.int().min(1).max(STAGE_NAMES.length).default(1),
  plans: z.int().min(0).default(3),
  /** API keys of somebody else, attached to the plans in turn; every fifth is disabled. */
  keys: z.int().min(0).default(0),
  /** Names and descriptions with quotes, `;;`, emoji, null bytes, line breaks; one in ten has no description. */
  descriptionsNasty: z.boolean().default(true),
  /** The first API's export has at least this many bytes. */
  documentBytes: z.int().min(0).default(0),
  /** This many of the last APIs have a model that is not JSON: their export is a 400. */
  brokenExports: z.int().min(0).default(0),
  /** Prefix of every name; `seed{seed}` by default. */
  prefix: z.string().optional(),
});
export type SeedInput = z.infer<typeof SeedInput>;

/** An API before it is in the store. */
export interface ApiSpec {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly tags: Record<string, string>;
  readonly stages: readonly string[];
  readonly planned: boolean;
  readonly document: Json;
}

/** A usage plan before it is in the store; `stages` are indexes of APIs with a stage name. */
export interface UsagePlanSpec {
  readonly name: string;
  readonly description: string | undefined;
  readonly throttle: ThrottleLimit | undefined;
  readonly quota: QuotaLimit | undefined;
  readonly stages: readonly { readonly api: number; readonly stage: string }[];
}

// One of each kind, by index, then again from the start. Undefined: no description at all.
const AWKWARD_DESCRIPTIONS = [
  'Plain description',
  undefined,
  'With "double", \'single\' and `back` quotes, \\ and a trailing backslash \\',
  'a;;b;; ;;c=1;;;',
  'Ünïcödé — 日本語 — العربية — 🚀🧪',
  'line one\nline two\r\n\tindented',
  'null\u0000byte and escape \u001b[31m',
  'x'.repeat(1024),
  ' leading and trailing space ',
  '<b>html</b> & {{template}} ${variable} %s {0}',
];

function pick<Item>(random: Random, items: readonly Item[], fallback: Item): Item {
  return items[Math.floor(random() * items.length)] ?? fallback;
}

/** The APIs of a landscape. */
export function apiSpecs(input: SeedInput): ApiSpec[] {
  const random = seededRandom(input.seed);
  const prefix = input.prefix ?? `seed${input.seed}`;
  const apis: ApiSpec[] = [];
  for (let index = 0; index < input.apis; index += 1) {
    const thing = pick(random, THINGS, 'orders');
    const number = String(index).padStart(4, '0');
    let name = `${prefix}-${thing}-${number}`;
    // Names are not unique in API Gateway.
    if (input.descriptionsNasty && index % 7 === 3) name = `${prefix} "${thing}" ;; é 🚀 ${number}`;
    if (input.descriptionsNasty && index % 11 === 5) name = apis[index - 1]?.name ?? name;
    const description = input.descriptionsNasty
      ? AWKWARD_DESCRIPTIONS[index % AWKWARD_DESCRIPTIONS.length]
      : `Everything about ${thing}`;
    const version = [random() * 4, random() * 10, random() * 10].map(Math.floor).join('.');
    const operations = 1 + Math.floor(random() * 4);
    const broken = index >= input.apis - input.brokenExports;
    apis.push({
      name,
      version,
      description,
      tags: random() < 0.5 ? { team: pick(random, ['red', 'green'], 'red'), note: 'a b=c/d+e@f' } : {},
      stages: STAGE_NAMES.slice(0, input.stages),
      planned: index < input.apis - input.unplanned,
      document: documentOf(name, version, thing, operations, broken, index === 0 ? input.documentBytes : 0),
    });
  }
  return apis;
}

/** The plans of a landscape: stages are assigned to plans in turn, every third one to two plans. */
export function usagePlanSpecs(input: SeedInput, apis: readonly ApiSpec[]): UsagePlanSpec[] {
  const random = seededRandom(input.seed + 1);
  const prefix = input.prefix ?? `seed${input.seed}`;
  const offered = apis.flatMap((api, index) =>
    api.planned ? api.stages.map((stage) => ({ api: index, stage })) : [],
  );
  return Array.from({ length: input.plans }, (_, index) => {
    const rate = pick(random, [1, 10, 50], 1);
    const period = (['DAY', 'WEEK', 'MONTH'] as const)[index % 3] ?? 'DAY';
    return {
      name: `${prefix}-plan-${String(index).padStart(3, '0')}`,
      description: input.descriptionsNasty
        ? AWKWARD_DESCRIPTIONS[(index + 2) % AWKWARD_DESCRIPTIONS.length]
        : `Plan number ${index}`,
      // One plan in four has no throttle, another one no quota. AWS allows a burst above the rate, and fractions.
      throttle:
        index % 4 === 1 ? undefined : { rateLimit: rate + (index % 4 === 2 ? 0.5 : 0), burstLimit: rate * 2 },
      quota:
        index % 4 === 2 ? undefined : { limit: pick(random, [100, 5000, 1_000_000], 100), offset: 0, period },
      stages: offered.filter(
        (_link, n) =>
          n % input.plans === index || (n % 3 === 0 && input.plans > 1 && (n + 1) % input.plans === index),
      ),
    };
  });
}

/** A small OpenAPI 3.0.1 document, or one of at least `bytes`. Every path except /health needs a key. */
function documentOf(
  title: string,
  version: string,
  thing: string,
  operations: number,
  broken: boolean,
  bytes: number,
): Json {
  const schema = { $ref: '#/components/schemas/Empty' };
  const operation = (verb: string, secured: boolean, parameters: readonly Json[] = []): Json => ({
    parameters,
    responses: { 200: { description: '200 response', content: { 'application/json': { schema } } } },
    ...(secured ? { security: [{ api_key: [] }] } : {}),
    'x-amazon-apigateway-integration': {
      type: 'http_proxy',
      httpMethod: verb.toUpperCase(),
      uri: `https://backend.example.com/${thing}`,
      passthroughBehavior: 'when_no_match',
      responses: { default: { statusCode: '200' } },
    },
  });
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  const xml = { requestBody: { content: { 'application/xml': { schema } } } };
  const post = { ...operation('post', true), ...(broken ? xml : {}) };
  return {
    openapi: '3.0.1',
    info: { title, version },
    paths: {
      [`/${thing}`]: { get: operation('get', true), ...(operations > 1 || broken ? { post } : {}) },
      ...(operations > 2 ? { [`/${thing}/{id}`]: { get: operation('get', true, [id]) } } : {}),
      ...(operations > 3 ? { '/health': { get: operation('get', false) } } : {}),
    },
    components: { schemas: { Empty: { title: 'Empty Schema', type: 'object' }, ...padding(bytes) } },
  };
}

const PAGE_OF_TEXT = 64 * 1024;

function padding(bytes: number): Json {
  const count = Math.ceil(bytes / PAGE_OF_TEXT);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `Padding${index}`,
      { type: 'object', description: `Page ${index}. `.padEnd(PAGE_OF_TEXT, 'All work and no play. ') },
    ]),
  );
}
