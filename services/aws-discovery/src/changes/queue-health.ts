/** Whether a queue of changes can be read: for the log, health, metrics, and the scans that become rare meanwhile. */
import type { ChangeQueue } from '@federation-agent/aws-control-plane';
import type { Discovery } from '../deps.ts';
import { errorAdvice } from '../error-advice.ts';
import { createRepeatedWarnings } from '../repeated-warnings.ts';

export interface QueueHealth {
  /** It was read. */
  ok(): void;
  /** It could not be read. */
  failed(error: unknown): void;
  /** The last read of it succeeded. */
  isRead(): boolean;
}

const fixes: Readonly<Record<string, string>> = {
  'aws-not-found': 'correct changeQueueUrl of this integration, or make the queue (deploy/aws)',
  'aws-unavailable':
    'let this host reach SQS in that region (network, proxy, sqsEndpointUrl); the agent tries again by itself',
  'aws-bad-request': 'correct changeQueueUrl of this integration: the reason quotes the answer of SQS',
};

export function createQueueHealth(
  integrationId: string,
  { label }: Pick<ChangeQueue, 'label'>,
  { health, telemetry, clock, metrics }: Pick<Discovery, 'health' | 'telemetry' | 'clock' | 'metrics'>,
): QueueHealth {
  const count = (result: string): void => metrics.changeReceives.inc({ integration: integrationId, result });
  const log = telemetry.log.child({ integrationId, queue: label });
  const warnings = createRepeatedWarnings(clock);
  const name = `changes:${integrationId}:${label}`;
  let state: 'unknown' | 'read' | 'failing' = 'unknown';
  health.set(name, { status: 'up', data: { queue: label, state: 'waits for its first read' } });

  return {
    ok: () => {
      count('ok');
      if (state === 'read') return;
      state = 'read';
      warnings.clear(label);
      log.info('changes are heard: the queue is read');
      health.set(name, { status: 'up', data: { queue: label, state: 'read' } });
    },
    failed: (error) => {
      count('failed');
      state = 'failing';
      const advice = errorAdvice(error);
      const { code, reason } = advice;
      const fix = fixes[code] ?? advice.fix;
      if (warnings.shouldLog(label, reason))
        log.warn(
          { code, reason, fix },
          'changes are not heard: the queue cannot be read; until it can, scans follow their schedule',
        );
      const data = { queue: label, state: 'not read', lastError: { code, fix } };
      health.set(name, { status: 'degraded', detail: `${reason}. To do: ${fix}`, data });
    },
    isRead: () => state === 'read',
  };
}
