import { readFileSync } from 'node:fs';
import { readBroker } from './broker-state.ts';
import { DRAIN_MS } from './apim.ts';
import type { Seen } from './apim.ts';
import type { Stack } from './stack.ts';

/** A process with more memory has a leak; at rest processes have about 120 MiB. */
const MAX_MIB = 400;
const KEPT_LOG_LINES = 20_000;
const SEEN_LATE_MS = 4 * DRAIN_MS;

/** What the record of a run shows besides the keys: one sentence for each broken promise. */
export async function verdict(stack: Stack, logs: readonly string[]): Promise<string[]> {
  const { fleet } = stack;
  const { deadLetters } = await readBroker(stack);
  return [
    ...fleet.misbehaved,
    ...stack.broken,
    ...stack.loner.broken,
    ...unreadable(stack),
    ...unanswered(stack),
    ...answeredTwice(stack),
    ...secretsIn(stack, logs),
    ...deadLetters.map((letter) => `dead letter: ${letter.slice(0, 600)}`),
    ...[...fleet.memory()].flatMap(([name, mib]) => (mib > MAX_MIB ? [`${name} came to ${mib} MiB`] : [])),
  ];
}

function unreadable({ apim }: Stack): string[] {
  // A batch of a job that this controller does not know is dropped without harm: the reply to START_INGEST was lost, or
  // the controller was restarted meanwhile. A batch of a job that it knows is lost.
  const knownJobs = new Set(apim.jobs.map(({ run, jobId }) => `${run} ${jobId}`));
  const stray = ({ kind, run, job }: Seen): boolean =>
    kind === 'ingest-dropped' && !knownJobs.has(`${run} ${job ?? ''}`);
  const kinds = new Set(['unreadable', 'ingest-dropped', 'ingest-error', 'plan-deleted', 'upgrade-refused']);
  return apim.events
    .filter((event) => kinds.has(event.kind) && !stray(event))
    .map((event) => `the controller saw: ${JSON.stringify(event)}`);
}

/** Commands that timed out at APIM although no link, network or controller was disturbed meanwhile. */
function unanswered({ apim, timeline }: Stack): string[] {
  return apim.events
    .filter(
      ({ kind, type, error }) =>
        kind === 'command-failed' && type !== 'GOOD_BYE' && /timeout/iu.test(error ?? ''),
    )
    .flatMap((event) => {
      const excuses = timeline.excuses(event.seenAt - apim.commandTimeoutMs - SEEN_LATE_MS, event.seenAt);
      timeline.note('time-out at APIM', { type: event.type, command: event['commandId'], excuses });
      return excuses.length > 0
        ? []
        : [`nobody answered ${event.type ?? ''} ${String(event['commandId'])} in time`];
    });
}

function answeredTwice({ replies }: Stack): string[] {
  const seen = new Map<string, number>();
  for (const { commandId } of replies) seen.set(commandId, (seen.get(commandId) ?? 0) + 1);
  return [...seen]
    .filter(([, count]) => count > 1)
    .map(([id, count]) => `command ${id} was answered ${count} times`);
}

/** Every key value that was ever on the wire, the token and the AWS secret; counted, never shown. */
function secretsIn({ replies, apim, aws }: Stack, logs: readonly string[]): string[] {
  const secrets = [
    ...new Set(replies.flatMap(({ apiKey }) => apiKey ?? [])),
    apim.token,
    ...(aws.kind === 'sandbox' ? [aws.credentials.secretAccessKey] : []),
  ];
  return logs.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const found = secrets.filter((secret) => text.includes(secret)).length;
    const cut =
      text.split('\n').length > KEPT_LOG_LINES ? [`${path} is longer than what is kept of a log`] : [];
    return found > 0 ? [`${found} secrets are in ${path}`, ...cut] : cut;
  });
}
