/** What every service tells whoever asks all processes: how it is, and how it is configured. Never a secret. */
import type { NodeConfiguration, NodeStatus, ServiceName } from '@federation-agent/contracts';
import { answerNode, type Answering, type Broker } from '@federation-agent/broker';
import type { ProcessContext } from './run-process.ts';

export function answerAsNode(
  broker: Broker,
  service: ServiceName,
  { instance, version, health, values, clock }: ProcessContext,
): Answering {
  const startedAt = clock.now();
  const status = (): NodeStatus => {
    const { ready, components } = health.report();
    const told = Object.entries(components).map(
      ([name, { data: _data, ...state }]) => [name, state] as const,
    );
    return { instance, service, version, startedAt, ready, components: Object.fromEntries(told) };
  };
  const configuration = (): NodeConfiguration => ({ instance, service, values: [...values] });
  const answering = [
    answerNode(broker, broker.subjects.node('status'), status),
    answerNode(broker, broker.subjects.node('configuration'), configuration),
  ];
  return {
    stop: () => {
      for (const one of answering) one.stop();
    },
  };
}
