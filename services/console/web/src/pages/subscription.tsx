import type { SubscriptionDetail } from '../../../src/api/subscriptions.ts';
import { useResource } from '../api/use-resource.ts';
import { count } from '../lib/numbers.ts';
import { href } from '../lib/route.ts';
import { subscriptionStates } from '../lib/states.ts';
import { Badge } from '../ui/badge.tsx';
import { Id } from '../ui/copy.tsx';
import { EventList } from '../ui/event-list.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { At, Time } from '../ui/time.tsx';
import { SubscriptionActions } from './subscription-actions.tsx';

interface SubscriptionProps {
  readonly integrationId: string;
  readonly subscriptionId: string;
}

/** One subscription: its state with the reason, what a person can do, and its life as a timeline. */
export function SubscriptionPage({ integrationId, subscriptionId }: SubscriptionProps) {
  const path = `/api/subscriptions/${encodeURIComponent(integrationId)}/${encodeURIComponent(subscriptionId)}`;
  const subscription = useResource<SubscriptionDetail>(path, { topics: ['subscriptions'] });
  const state = subscription.value && subscriptionStates[subscription.value.state];
  return (
    <Page
      title={`Subscription ${subscriptionId}`}
      aside={state && <Badge of={state} />}
      back={<a href={href('subscriptions')}>Subscriptions</a>}
    >
      <Loaded of={subscription}>
        {(detail) => (
          <>
            <p class="lead">
              {subscriptionStates[detail.state].means} <span class="faint">In this state since</span>{' '}
              <Time at={detail.since} />.
            </p>
            {detail.note !== undefined && <p>{detail.note}</p>}
            <SubscriptionActions path={path} subscription={detail} onDone={subscription.reload} />
            <Section title="Key and plan">
              <FactsOf detail={detail} />
            </Section>
            <Section title="SUBSCRIBE commands of this life">
              <Attempts attempts={detail.attempts} />
            </Section>
            <Section
              title="Timeline"
              aside={<a href={href('events', {}, { subscription: subscriptionId })}>All of its events</a>}
            >
              {detail.timeline.length === 0 ? (
                <Empty title="No events are kept.">
                  What happened is older than the broker keeps events.
                </Empty>
              ) : (
                <EventList events={detail.timeline.toReversed()} within="subscription" />
              )}
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function FactsOf({ detail }: { readonly detail: SubscriptionDetail }) {
  const { uniqueId, apiName, restApiId, stage, planName, usagePlanId, apiKeyId, keyName, account, region } =
    detail;
  return (
    <Facts
      of={{
        API: (
          <a href={href('api', { uniqueId })}>
            {apiName ?? restApiId} · {stage}
          </a>
        ),
        Plan: (
          <>
            {planName} <Id>{usagePlanId}</Id>
          </>
        ),
        'Key id': apiKeyId === undefined ? 'AWS never told it' : <Id>{apiKeyId}</Id>,
        'Key name': <Id>{keyName}</Id>,
        Account: <Id>{account}</Id>,
        Region: region,
        Integration: <Id>{detail.integrationId}</Id>,
        Life: count(detail.life),
        Created: <Time at={detail.createdAt} />,
      }}
    />
  );
}

const outcomeTexts = {
  refused: {
    tone: 'idle',
    word: 'not sent',
    means: 'Its reply was never written: APIM does not have a key by it.',
  },
  delivered: { tone: 'ok', word: 'delivered', means: 'APIM has read the reply.' },
  unconfirmed: {
    tone: 'warn',
    word: 'unconfirmed',
    means: 'The reply was written. Nobody knows whether it was read.',
  },
  open: { tone: 'busy', word: 'open', means: 'What became of its reply is not yet known.' },
} as const;

function Attempts({ attempts }: { readonly attempts: SubscriptionDetail['attempts'] }) {
  if (attempts.length === 0) return <p class="faint">None.</p>;
  return (
    <ul class="plain-list">
      {attempts.map(({ commandId, deadline, outcome }) => (
        <li key={commandId}>
          <Badge of={outcomeTexts[outcome ?? 'open']} /> <Id short>{commandId}</Id>{' '}
          <span class="faint">
            deadline <At at={deadline} />
          </span>
        </li>
      ))}
    </ul>
  );
}
