/** What is well and what is not, by component. It never has a secret. */

export interface ComponentState {
  readonly status: 'up' | 'degraded' | 'down';
  readonly detail?: string;
  /** While a required component is down, the process is not ready. */
  readonly required?: boolean;
  readonly data?: object;
}

export interface HealthReport {
  readonly status: 'up' | 'degraded' | 'down';
  readonly ready: boolean;
  readonly components: Readonly<Record<string, ComponentState>>;
}

export interface Health {
  set(component: string, state: ComponentState): void;
  remove(component: string): void;
  /** No required component is down. */
  ready(): boolean;
  report(): HealthReport;
}

export function createHealth(): Health {
  const components = new Map<string, ComponentState>();
  const ready = (): boolean =>
    ![...components.values()].some(({ required, status }) => required === true && status === 'down');
  const overall = (): HealthReport['status'] => {
    if (!ready()) return 'down';
    return [...components.values()].every(({ status }) => status === 'up') ? 'up' : 'degraded';
  };
  return {
    set: (component, state) => void components.set(component, state),
    remove: (component) => void components.delete(component),
    ready,
    report: () => ({
      status: overall(),
      ready: ready(),
      components: Object.fromEntries([...components].sort(([a], [b]) => a.localeCompare(b))),
    }),
  };
}

/** The same health with a prefix for every component, for several services in one process. */
export function scopeHealth(health: Health, scope: string): Health {
  return {
    ...health,
    set: (component, state) => health.set(`${scope}.${component}`, state),
    remove: (component) => health.remove(`${scope}.${component}`),
  };
}
