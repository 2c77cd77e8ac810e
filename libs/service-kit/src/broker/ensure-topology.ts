import type { ConsumerSpec, ServiceName } from '@federation-agent/contracts';
import type { Broker } from './broker.ts';

export function ensureTopology(
  broker: Broker,
  service: ServiceName,
  options: { readonly replicas: number },
): Promise<void> {
  throw new Error(`not here yet: ${broker.name} ${service} ${options.replicas}`);
}

export function ensureConsumer(broker: Broker, spec: ConsumerSpec): Promise<void> {
  throw new Error(`not here yet: ${broker.name} ${spec.durable}`);
}
