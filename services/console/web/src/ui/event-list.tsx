import type { AuditEvent } from '../../../src/api/events.ts';
import { href } from '../lib/route.ts';
import { actors, outcomes } from '../lib/states.ts';
import { Badge } from './badge.tsx';
import { Id } from './copy.tsx';
import { At } from './time.tsx';

interface EventListProps {
  readonly events: readonly AuditEvent[];
  /** Within a subscription or an API, what is the same for all of them is left out. */
  readonly within?: 'subscription' | 'api';
}

/** Events as a timeline: when, what, who; the reason below. */
export function EventList({ events, within }: EventListProps) {
  return (
    <ol class="timeline">
      {events.map((event) => (
        <li key={event.sequence} class={`tone-${outcomes[event.outcome].tone}`}>
          <p class="event-head">
            <At at={event.at} />
            <strong>
              {within === 'subscription' && event.kind === 'subscription' ? '' : `${event.kind} `}
              {event.what}
            </strong>
            {event.outcome !== 'ok' && <Badge of={outcomes[event.outcome]} />}
            <span class="faint">
              by {actors[event.actor]}
              {event.by !== undefined && ` ${event.by}`}
            </span>
          </p>
          {event.detail !== undefined && <p>{event.detail}</p>}
          <Subject event={event} within={within} />
        </li>
      ))}
    </ol>
  );
}

function Subject({
  event,
  within,
}: {
  readonly event: AuditEvent;
  readonly within: EventListProps['within'];
}) {
  const {
    graviteeSubscriptionId,
    uniqueId,
    integrationId,
    account,
    region,
    usagePlanId,
    apiKeyId,
    traceId,
    traceUrl,
  } = event;
  const parts = [
    within !== 'subscription' && graviteeSubscriptionId !== undefined && (
      <a href={href('subscription', { integrationId, subscriptionId: graviteeSubscriptionId })}>
        subscription {graviteeSubscriptionId}
      </a>
    ),
    within === undefined && uniqueId !== undefined && <a href={href('api', { uniqueId })}>{uniqueId}</a>,
    uniqueId === undefined && account !== undefined && [account, region].filter(Boolean).join(' '),
    usagePlanId !== undefined && `plan ${usagePlanId}`,
    apiKeyId !== undefined && `key ${apiKeyId}`,
    traceId !== undefined && (
      <>
        {traceUrl === undefined ? (
          'trace '
        ) : (
          <a href={traceUrl} target="_blank" rel="noreferrer">
            trace{' '}
          </a>
        )}
        <Id short>{traceId}</Id>
      </>
    ),
  ].filter((part) => part !== false);
  if (parts.length === 0) return null;
  return (
    <p class="subject small">
      {parts.map((part, index) => (
        <span key={index}>{part}</span>
      ))}
    </p>
  );
}
