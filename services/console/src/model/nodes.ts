/** What the processes of the agent tell about themselves, by service. Pure. */
import type { NodeStatus } from '@federation-agent/contracts';
import type { AgentProcess, PartState } from '../api/index.ts';
import { compare } from './search.ts';

export interface Component {
  readonly instance: string;
  readonly service: string;
  /** Without the name of the service: `apim:<integration>`. */
  readonly name: string;
  readonly state: PartState;
  readonly detail?: string;
}

/** In a process with several services, names of components begin with their service. */
export function componentsOf(statuses: readonly NodeStatus[]): Component[] {
  const found = new Map<string, Component>();
  for (const { instance, service, components } of statuses) {
    for (const [full, { status, detail }] of Object.entries(components)) {
      const owner = statuses.find(
        (one) => one.instance === instance && full.startsWith(`${one.service}.`),
      )?.service;
      const name = owner === undefined ? full : full.slice(owner.length + 1);
      const component = { instance, service: owner ?? service, name, state: status };
      found.set(`${instance} ${full}`, { ...component, ...(detail !== undefined && { detail }) });
    }
  }
  return [...found.values()];
}

const worse: Readonly<Record<PartState, number>> = { up: 0, unknown: 1, degraded: 2, down: 3 };

export function worstOf(states: readonly PartState[]): PartState {
  return states.reduce<PartState>((worst, one) => (worse[one] > worse[worst] ? one : worst), 'up');
}

export function processesOf(statuses: readonly NodeStatus[]): AgentProcess[] {
  const components = componentsOf(statuses);
  return [...Map.groupBy(statuses, ({ instance }) => instance)]
    .map(([instance, ofProcess]) => ({
      instance,
      version: ofProcess[0]?.version ?? '',
      services: ofProcess.map(({ service }) => service).sort(compare),
      startedAt: Math.min(...ofProcess.map(({ startedAt }) => startedAt)),
      state: worstOf([
        ...(ofProcess.every(({ ready }) => ready) ? [] : ['down' as const]),
        ...components.filter((one) => one.instance === instance).map(({ state }) => degraded(state)),
      ]),
    }))
    .sort((a, b) => compare(a.instance, b.instance));
}

/** A component that is down makes its process unready only when it is required; that is told by `ready`. */
function degraded(state: PartState): PartState {
  return state === 'down' ? 'degraded' : state;
}
