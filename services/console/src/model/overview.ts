/** The chain from APIM to AWS, with what is wrong first. Pure. */
import type { NodeStatus } from '@federation-agent/contracts';
import type { Alert, Overview, Part, PartItem, PartState, ScanTarget } from '../api/index.ts';
import { componentsOf, processesOf, worstOf, type Component } from './nodes.ts';

export interface Facts {
  readonly now: number;
  /** Undefined: the processes have not been asked yet. */
  readonly statuses: readonly NodeStatus[] | undefined;
  /** Undefined: connected. */
  readonly brokerDownSince: number | undefined;
  /** Why records cannot be read now. */
  readonly trouble: string | undefined;
  readonly loaded: boolean;
  readonly targets: readonly ScanTarget[];
  readonly counts: Overview['counts'];
}

export function overviewOf(facts: Facts): Overview {
  const { now, statuses = [], brokerDownSince, trouble, loaded, counts } = facts;
  const chain = chainOf(facts);
  const away = brokerDownSince !== undefined || trouble !== undefined;
  return {
    at: now,
    model: !loaded ? 'loading' : away ? 'stale' : 'ready',
    alerts: alertsOf(chain, counts),
    chain,
    processes: processesOf(statuses),
    counts,
  };
}

function chainOf(facts: Facts): Part[] {
  const { statuses, brokerDownSince } = facts;
  const components = componentsOf(statuses ?? []);
  const asked = statuses !== undefined && brokerDownSince === undefined;
  const of = (service: string, what: (name: string) => boolean): PartItem[] =>
    components.filter((one) => one.service === service && what(one.name)).map(itemOf);
  const service = (id: 'link' | 'discovery' | 'subscription', name: string): Part => {
    const there = (statuses ?? []).some((one) => one.service === name);
    if (!there) return missingPart(id, name, asked);
    return part(
      id,
      name,
      of(name, (component) => !/^(?:aws|apim|broker|state|start)\b/u.test(component)),
    );
  };
  const link = service('link', 'gateway-link');
  const channels = of('gateway-link', (name) => name.startsWith('apim:'));
  return [
    channels.length > 0
      ? part('apim', 'APIM', channels)
      : { ...missingPart('apim', 'APIM', asked), reason: 'no gateway-link tells whether APIM is connected' },
    link,
    brokerPart(facts, components),
    service('discovery', 'aws-discovery'),
    service('subscription', 'subscription-manager'),
    awsPart(facts, components),
  ];
}

function missingPart(id: Part['id'], name: string, asked: boolean): Part {
  return {
    id,
    name,
    state: asked ? 'down' : 'unknown',
    reason: asked
      ? `no ${name} answers: start one with this broker and namespace`
      : 'nobody can be asked while the broker is away',
    items: [],
  };
}

function brokerPart({ brokerDownSince, trouble }: Facts, components: readonly Component[]): Part {
  const own: PartItem = {
    id: 'console',
    name: 'as the console sees it',
    state: brokerDownSince !== undefined ? 'down' : trouble !== undefined ? 'degraded' : 'up',
    ...(brokerDownSince !== undefined && {
      reason: `not connected since ${new Date(brokerDownSince).toISOString()}; what is shown is older`,
    }),
    ...(brokerDownSince === undefined && trouble !== undefined && { reason: trouble }),
  };
  const others = components.filter(({ name }) => name === 'broker' || name === 'state').map(itemOf);
  return part('broker', 'NATS JetStream', [own, ...others]);
}

/** Targets as their records say, and those that have no record because their account is not known. */
function awsPart({ targets }: Facts, components: readonly Component[]): Part {
  const known = targets.map(({ integrationId, account, region, state, failure }): PartItem => {
    const stale = state === 'stale' || state === 'partly-stale' || failure !== undefined;
    return {
      id: `${integrationId} ${account} ${region}`,
      name: `${account}/${region}`,
      state: stale ? 'degraded' : state === 'never' ? 'unknown' : 'up',
      ...(failure !== undefined && { reason: failure }),
      ...(state === 'never' && failure === undefined && { reason: 'waits for its first scan' }),
    };
  });
  const names = new Set(known.map(({ name }) => name));
  const waiting = components
    .filter(({ name, state }) => name.startsWith('aws:') && state !== 'up')
    .map((one) => ({ ...itemOf(one), name: one.name.split(':').slice(2).join(':') }))
    .filter(({ name }) => !names.has(name));
  return part('aws', 'AWS', [...known, ...waiting]);
}

function part(id: Part['id'], name: string, items: PartItem[]): Part {
  const state = worstOf(items.map((item) => item.state));
  const reason = items.find((item) => item.state === state && item.state !== 'up')?.reason;
  return { id, name, state, ...(reason !== undefined && { reason }), items };
}

function itemOf({ instance, name, state, detail }: Component): PartItem {
  const shown = name.startsWith('apim:') ? name.slice('apim:'.length) : `${name} of ${instance}`;
  return { id: `${instance} ${name}`, name: shown, state, ...(detail !== undefined && { reason: detail }) };
}

const severities: Readonly<Partial<Record<PartState, Alert['severity']>>> = {
  down: 'error',
  degraded: 'warning',
};

/** Errors first. */
function alertsOf(chain: readonly Part[], counts: Overview['counts']): Alert[] {
  const ofChain = chain.flatMap(({ name, state, reason, id }): Alert[] => {
    const severity = severities[state];
    if (severity === undefined) return [];
    return [{ severity, text: `${name}: ${reason ?? state}`, page: id === 'aws' ? '/scans' : '/' }];
  });
  const { needPerson, deadLetters } = counts;
  const ofWork: Alert[] = [
    ...(needPerson > 0
      ? [
          {
            severity: 'warning' as const,
            text: `${needPerson} ${needPerson === 1 ? 'subscription needs' : 'subscriptions need'} a person`,
            page: '/subscriptions?needsPerson=true',
          },
        ]
      : []),
    ...(deadLetters > 0
      ? [
          {
            severity: 'warning' as const,
            text: `${deadLetters} ${deadLetters === 1 ? 'message' : 'messages'} that nobody could handle`,
            page: '/dead',
          },
        ]
      : []),
  ];
  const all = [...ofChain, ...ofWork];
  return [
    ...all.filter(({ severity }) => severity === 'error'),
    ...all.filter(({ severity }) => severity !== 'error'),
  ];
}
