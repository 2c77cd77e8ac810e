/** The broker as a required component of health, including its clock. */
import { type Broker, brokerMetrics } from '@federation-agent/broker';
import type { Health } from './http/health.ts';

const component = 'broker';

/** Shown before the first connection. */
export function showBrokerNotConnected(health: Health): void {
  health.set(component, { status: 'down', required: true, detail: 'not connected yet' });
}

export function watchBrokerHealth(broker: Broker, health: Health): { stop(): void } {
  const metrics = brokerMetrics(broker.telemetry);
  const connection = broker.telemetry.service;
  const look = (): void => {
    const clockOffsetMs = Math.round(broker.clockOffset());
    const server = broker.nc.info?.version;
    const downSince = broker.downSince();
    metrics.connected.set({ connection }, broker.connected() ? 1 : 0);
    metrics.clockOffset.set({ connection }, clockOffsetMs / 1_000);
    if (!broker.connected()) {
      const since = downSince === undefined ? '' : ` since ${new Date(downSince).toISOString()}`;
      health.set(component, { status: 'down', required: true, detail: `not connected${since}` });
    } else if (Math.abs(clockOffsetMs) > broker.limits.clockSkew) {
      const detail = `the clock of this host is ${-clockOffsetMs} ms ahead of the broker's; ${broker.limits.clockSkew} ms are allowed`;
      health.set(component, { status: 'down', required: true, detail });
    } else {
      health.set(component, { status: 'up', required: true, data: { server, clockOffsetMs } });
    }
  };
  look();
  return { stop: broker.onChange(look) };
}
