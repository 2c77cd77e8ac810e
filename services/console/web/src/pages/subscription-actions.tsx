import { useState } from 'preact/hooks';
import type {
  ActionDone,
  ActionRequest,
  AllowedAction,
  SubscriptionDetail,
} from '../../../src/api/subscriptions.ts';
import { post } from '../api/client.ts';
import { useNow } from '../lib/use-now.ts';
import { useIsOperator } from '../session.ts';
import { Confirm } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { Section } from '../ui/page.tsx';
import { Time } from '../ui/time.tsx';

interface ActionsProps {
  readonly path: string;
  readonly subscription: SubscriptionDetail;
  readonly onDone: () => void;
}

const verbs: Readonly<Record<AllowedAction['action'], string>> = {
  keep: 'Keep the key',
  revoke: 'Revoke the key',
  resolved: 'Mark as resolved',
};

/** What a person can decide: what to check first, what each decision does, and when it is allowed. */
export function SubscriptionActions({ path, subscription, onDone }: ActionsProps) {
  const { needsPerson, toDo, actions, actionsUnknown, since } = subscription;
  const operator = useIsOperator();
  const now = useNow(5_000);
  const [asking, setAsking] = useState<AllowedAction>();
  const [done, setDone] = useState('');
  if (
    !needsPerson &&
    toDo === undefined &&
    actions.length === 0 &&
    actionsUnknown === undefined &&
    done === ''
  )
    return null;

  const act = async ({ action }: AllowedAction): Promise<void> => {
    const request: ActionRequest = { action, since };
    const { message } = await post<ActionDone>(`${path}/actions`, request);
    setDone(message);
    onDone();
  };
  return (
    <Section title="What you can do">
      <p role="status" class={done === '' ? 'unseen' : 'notice tone-ok'}>
        {done !== '' && <Icon name="ok" />}
        {done}
      </p>
      {toDo !== undefined && (
        <div class={`notice tone-${needsPerson ? 'warn' : 'idle'}`}>
          <Icon name={needsPerson ? 'warn' : 'idle'} />
          <div>
            <p class="notice-title">Check first</p>
            <p>{toDo}</p>
          </div>
        </div>
      )}
      {actionsUnknown !== undefined && <p>{actionsUnknown}</p>}
      {actions.length > 0 && (
        <ul class="actions">
          {actions.map((action) => {
            const early = action.from !== undefined && action.from > now;
            return (
              <li key={action.action}>
                <button
                  type="button"
                  class={action.dangerous ? 'danger' : ''}
                  disabled={!operator || early}
                  onClick={() => setAsking(action)}
                >
                  {verbs[action.action]}
                </button>
                <p>
                  {action.does}
                  {early && (
                    <>
                      {'. '}
                      You can say it <Time at={action.from} />.
                    </>
                  )}
                </p>
              </li>
            );
          })}
        </ul>
      )}
      {actions.length > 0 && !operator && <p class="faint">Only an operator can act. You are a viewer.</p>}
      {asking && (
        <Confirm
          title={`${verbs[asking.action]}?`}
          verb={verbs[asking.action]}
          {...(asking.dangerous && { typed: asking.action })}
          run={() => act(asking)}
          onClose={() => setAsking(undefined)}
        >
          <p>{asking.does}</p>
          {toDo !== undefined && <p class="faint">Check first: {toDo}</p>}
        </Confirm>
      )}
    </Section>
  );
}
