/** The changes of one target: gathers them, reads AWS, and deletes their messages once the catalog has them. */
import type { ChangeQueue, Target } from '@federation-agent/aws-control-plane';
import { catalogKeys } from '@federation-agent/contracts';
import { changeRecord } from '@federation-agent/broker';
import type { Discovery, Integration } from '../deps.ts';
import { errorSummary, fixForCode, type ErrorSummary } from '../error-advice.ts';
import { createRepeatedWarnings } from '../repeated-warnings.ts';
import { requestedAll } from '../scan/claim.ts';
import { applyChanges } from './apply-changes.ts';
import { createGathering, type Gathered, type GatheredMessage } from './gathered.ts';
import type { Change } from './read-change.ts';

/** A change that could not be read so often is left to a scan of all stages. */
const mostReceives = 5;

export interface TargetChanges {
  /** Takes a change over. Its message is deleted later, or comes again. */
  add(change: Change, message: Pick<GatheredMessage, 'handle' | 'receives'>): void;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

export function createTargetChanges(
  discovery: Discovery,
  integration: Integration,
  target: Target,
  queue: Pick<ChangeQueue, 'delete'>,
  signal: AbortSignal,
): TargetChanges {
  const { clock, limits, metrics, scans, telemetry } = discovery;
  const { integrationId } = integration.settings;
  const { account, region } = target;
  const log = telemetry.log.child({ integrationId, account, region });
  const warnings = createRepeatedWarnings(clock);
  const gathering = createGathering(limits);
  let running: Promise<void> | undefined;

  function run(): void {
    if (signal.aborted || gathering.wait(clock.now()) === undefined) return;
    running ??= drain().finally(() => {
      running = undefined;
      // One may have come after the last look.
      run();
    });
  }

  async function drain(): Promise<void> {
    for (;;) {
      const wait = gathering.wait(clock.now());
      if (wait === undefined || signal.aborted) return;
      if (wait > 0) await clock.sleep(wait, signal);
      else await work(gathering.take(clock.now()));
    }
  }

  /** Never throws: a message that is not deleted comes again. */
  async function work(gathered: Gathered): Promise<void> {
    const { messages } = gathered;
    try {
      const failures = await applyChanges(discovery, integration, target, gathered, signal).catch(
        (error: unknown) => [errorSummary(error)],
      );
      if (signal.aborted) return;
      const [failure] = failures;
      if (failure) await notRead(messages, failure);
      else await applied(messages);
    } catch (error) {
      if (!signal.aborted) notDeleted(error);
    }
  }

  async function applied(messages: readonly GatheredMessage[]): Promise<void> {
    if (warnings.clear('read')) log.info('changes of the target can be read again');
    for (const { madeAt } of messages)
      if (madeAt !== undefined) metrics.changeSeconds.observe(Math.max(0, clock.now() - madeAt) / 1_000);
    await finish(messages, 'applied');
  }

  async function notRead(messages: readonly GatheredMessage[], failure: ErrorSummary): Promise<void> {
    const { code, reason } = failure;
    if (warnings.shouldLog('read', reason))
      log.warn(
        { code, reason, fix: fixForCode(code) },
        'changes of the target could not be read: what the catalog has stays; they are tried again, and left to a scan at last',
      );
    const last = messages.filter(({ receives }) => receives >= mostReceives);
    if (last.length > 0) {
      const key = catalogKeys.scan(integrationId, account, region);
      await changeRecord(scans, key, requestedAll(clock.now()));
      await finish(last, 'left to a scan');
    }
    metrics.changes.inc({ integration: integrationId, result: 'again' }, messages.length - last.length);
  }

  async function finish(messages: readonly GatheredMessage[], result: string): Promise<void> {
    await queue.delete(
      messages.map(({ handle }) => handle),
      signal,
    );
    metrics.changes.inc({ integration: integrationId, result }, messages.length);
  }

  function notDeleted(error: unknown): void {
    const { code, reason } = errorSummary(error);
    if (warnings.shouldLog('delete', reason))
      log.warn(
        { code, reason, fix: fixForCode(code) },
        'messages about changes could not be deleted: they come again, which costs calls of AWS and nothing else',
      );
  }

  return {
    add: (change, message) => {
      gathering.add(change, message, clock.now());
      run();
    },
    idle: async () => running,
  };
}
