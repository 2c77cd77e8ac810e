/** Drives a record: look, write, perform, look again, until there is nothing more to do. */
import type { EventActor, SubscriptionRecord } from '@federation-agent/contracts';
import { HandBackError } from '@federation-agent/broker';
import type { Action, SagaEvent } from './events.ts';
import { perform, type Performer } from './perform.ts';
import { type Applied, apply, type EventSource } from './record.ts';
import type { Saga } from './saga.ts';

/** Actions that answer APIM, or that concern only one command. */
type AnswerAction = Extract<Action, { do: 'reply-key' | 'reply-success' | 'reply-error' | 'delete-named' }>;

/** Who drives: a replica with a command, or a sweeper. */
export interface Actor extends Performer {
  /** For the audit trail. */
  readonly by: EventActor;
  /**
   * What this actor finds when it looks at the record.
   *
   * @param holds what it read at its last look besides the record still holds
   */
  look(record: SubscriptionRecord | undefined, holds: boolean): Promise<SagaEvent>;
  answer(action: AnswerAction, record: SubscriptionRecord | undefined): Promise<SagaEvent | undefined>;
  /** Whether its command has its reply. The sweeper does what is left after that. */
  answered(): boolean;
}

/**
 * How often a pause may double: up to 4 times the first, and 32 times after creating calls whose outcome is unknown.
 */
const doublings = { usual: 2, ambiguous: 5 };

/**
 * The pause before the next look at a record that something else must change first. It doubles each time; jitter adds
 * up to a quarter.
 *
 * @param waits pauses of this drive so far
 * @param calls creating calls without a definite answer
 */
export function pauseOf(first: number, waits: number, calls: number, fraction: number): number {
  const often = calls > 0 ? Math.min(calls + 1, doublings.ambiguous) : Math.min(waits, doublings.usual);
  return first * 2 ** often * (1 + fraction / 4);
}

/**
 * What still holds of the last look. After a wait or a call: nothing, so everything is read again. After a write of our
 * own that followed a call: the record, as written. After a write that followed a look: also what else was read then. A
 * read right after the write could not be newer than a change that comes right after that read.
 */
type Holds = 'nothing' | 'record' | 'all';

/**
 * @throws HandBackError at shutdown; errors of a call that may succeed when the command runs again; final errors of AWS
 */
export async function drive(saga: Saga, key: string, actor: Actor): Promise<void> {
  let happened: SagaEvent | undefined;
  let current: Applied['current'];
  let holds: Holds = 'nothing';
  let waits = 0;
  for (;;) {
    // What has happened is written to the record first, also at shutdown.
    if (happened === undefined && actor.signal?.aborted) throw new HandBackError();
    const looks: EventSource = (record) => actor.look(record, holds === 'all');
    const hint = happened !== undefined || holds !== 'nothing' ? current : undefined;
    const applied = await apply(saga, key, happened ?? looks, hint, actor.by);
    const { actions, record } = applied;
    current = applied.current;
    if (record === undefined || actions.some((action) => action.do !== 'look-again')) holds = 'nothing';
    else holds = happened === undefined ? 'all' : 'record';
    happened = undefined;
    for (const action of actions) {
      switch (action.do) {
        case 'stop':
          return;
        case 'look-again':
          if (actor.answered()) return;
          break;
        case 'wait':
          await saga.clock.sleep(
            pauseOf(saga.limits.sagaPause, waits, action.calls ?? 0, saga.random.fraction()),
            actor.signal,
          );
          waits += 1;
          break;
        case 'reply-key':
        case 'reply-success':
        case 'reply-error':
        case 'delete-named':
          happened = await actor.answer(action, current?.value);
          break;
        default:
          happened = await perform(saga, action, current?.value, actor);
      }
    }
  }
}
