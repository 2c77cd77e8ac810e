import type { Explanation, ListingReason, StageDetail } from '../../../src/api/estate.ts';
import { useResource } from '../api/use-resource.ts';
import { counted, count } from '../lib/numbers.ts';
import { href } from '../lib/route.ts';
import { listingStates } from '../lib/states.ts';
import { Badge } from '../ui/badge.tsx';
import { Id } from '../ui/copy.tsx';
import { Facts } from '../ui/facts.tsx';
import { Icon } from '../ui/icons.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Loaded } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { DocumentView } from './document.tsx';
import { RecentEvents } from './recent-events.tsx';

/** An API at a stage: is it in APIM, why not, what was APIM told, and its document. */
export function ApiPage({ uniqueId }: { readonly uniqueId: string }) {
  const path = `/api/estate/${encodeURIComponent(uniqueId)}`;
  const stage = useResource<StageDetail>(path, { topics: ['estate', 'ingests'] });
  const { value } = stage;
  return (
    <Page
      title={
        value === undefined
          ? uniqueId
          : `${value.name === '' ? value.restApiId : value.name} · ${value.stage}`
      }
      aside={value && <Badge of={listingStates[value.state]} />}
      back={<a href={href('estate')}>Estate</a>}
    >
      <Loaded of={stage}>
        {(detail) => (
          <>
            <p class="lead">{listingStates[detail.state].means}</p>
            <Reasons reasons={detail.reasons} />
            {detail.reasons.some(({ code }) => code === 'filtered') && (
              <Explained path={`${path}/explanation`} />
            )}
            <Told told={detail.told} />
            <Plans plans={detail.plans} />
            <Section title="In AWS">
              <FactsOf stage={detail} />
            </Section>
            <Section title="Document">
              <DocumentView path={`${path}/document`} detail={detail.documentDetail} />
            </Section>
            <Subscriptions stage={detail} />
            <Section
              title="History"
              aside={<a href={href('events', {}, { api: uniqueId })}>All of its events</a>}
            >
              <RecentEvents query={{ api: uniqueId }} within="api" />
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Reasons({ reasons }: { readonly reasons: readonly ListingReason[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul class="alerts" aria-label="Reasons">
      {reasons.map(({ code, text, fix, since }) => (
        <li key={code} class="notice tone-warn">
          <Icon name="warn" />
          <div>
            <p>{text}</p>
            <p class="small">
              {fix}
              {since !== undefined && (
                <>
                  {' '}
                  Since <Time at={since} />.
                </>
              )}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Which of the keys leaves the stage out, and what the filter saw. */
function Explained({ path }: { readonly path: string }) {
  const explanation = useResource<Explanation>(path, { topics: ['estate'] });
  return (
    <Section title="Why it is left out">
      <Loaded of={explanation}>
        {({ keys, comparisons }) => (
          <ul class="cards">
            {keys.map(({ key, value, passes }) => (
              <li key={key} class="card">
                <p>
                  <Badge of={passes ? { tone: 'ok', word: 'passes' } : { tone: 'warn', word: 'left out' }} />{' '}
                  <strong>{key}</strong> <code>{value}</code>
                </p>
                {key === 'filter' &&
                  comparisons.map(({ text, seen, passes: holds }) => (
                    <p key={text} class="small">
                      {holds ? 'True' : 'False'}: <code>{text}</code>, it is{' '}
                      {seen.length === 0 ? 'not there' : seen.map((one) => `"${one}"`).join(', ')}.
                    </p>
                  ))}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

const toldTexts: Readonly<Record<NonNullable<StageDetail['told']>['state'], string>> = {
  sent: 'It was sent to APIM',
  waiting: 'An ingest is on its way to it, started',
  refused: 'APIM never took the ingest that had it, started',
};

function Told({ told }: { readonly told: StageDetail['told'] }) {
  return (
    <Section title="What APIM was last told">
      {told === undefined ? (
        <p class="faint">No ingest that is still known had this stage.</p>
      ) : (
        <p>
          {toldTexts[told.state]} <Time at={told.at} />, with the job <Id short>{told.ingestJobId}</Id>
        </p>
      )}
    </Section>
  );
}

function Plans({ plans }: { readonly plans: StageDetail['plans'] }) {
  return (
    <Section title="Plans">
      {plans.length === 0 ? (
        <p class="faint">No usage plan has this stage, so nobody can subscribe.</p>
      ) : (
        <ul class="cards">
          {plans.map(({ usagePlanId, name, description, limits, detached, detachedSince, sent }) => (
            <li key={usagePlanId} class="card">
              <p>
                <strong>{name === '' ? usagePlanId : name}</strong> <Id>{usagePlanId}</Id>
              </p>
              {description !== '' && <p>{description}</p>}
              <p>{limits.length === 0 ? 'No limits' : limits.join(' · ')}</p>
              {detached && (
                <p class="tone-warn small">
                  <Badge of={{ tone: 'warn', word: 'detached' }} /> AWS no longer has this stage in the plan
                  {detachedSince !== undefined && (
                    <>
                      {' '}
                      since <Time at={detachedSince} />
                    </>
                  )}
                  . APIM still lists it.
                </p>
              )}
              {!sent && <p class="faint small">APIM has not been told of it.</p>}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function FactsOf({ stage }: { readonly stage: StageDetail }) {
  return (
    <Facts
      of={{
        'Unique id': <Id>{stage.uniqueId}</Id>,
        Description: stage.description,
        Version: stage.version,
        Type: typeNames[stage.apiType ?? 'REST'],
        'API id': <Id>{stage.restApiId}</Id>,
        Account: <Id>{stage.account}</Id>,
        Region: stage.region,
        Addresses: addressesOf(stage),
        Endpoint: stage.endpointTypes.join(', '),
        'Key source': stage.apiKeySource,
        Deployment: stage.deploymentId && <Id>{stage.deploymentId}</Id>,
        Tags: tagsOf(stage.tags),
        'First seen': <Time at={stage.firstSeenAt} />,
        Changed: <Time at={stage.changedAt} />,
      }}
    />
  );
}

const typeNames = { REST: 'REST', HTTP: 'HTTP', WEBSOCKET: 'WebSocket' } as const;

/** Custom domains first. */
function addressesOf({ addresses = [], invokeUrl }: StageDetail) {
  return (
    <ul class="tags">
      {[...addresses, invokeUrl].map((url) => (
        <li key={url}>
          <Id>{url}</Id>
        </li>
      ))}
    </ul>
  );
}

function tagsOf(tags: StageDetail['tags']) {
  const entries = Object.entries(tags);
  if (entries.length === 0) return undefined;
  return (
    <ul class="tags">
      {entries.map(([name, value]) => (
        <li key={name}>
          <code>
            {name}={value}
          </code>
        </li>
      ))}
    </ul>
  );
}

function Subscriptions({ stage: { uniqueId, subscriptions } }: { readonly stage: StageDetail }) {
  const states = Object.entries(subscriptions);
  const total = states.reduce((sum, [, number]) => sum + number, 0);
  return (
    <Section
      title="Subscriptions"
      aside={
        total > 0 && <a href={href('subscriptions', {}, { uniqueId })}>{counted(total, 'subscription')}</a>
      }
    >
      <p class={total === 0 ? 'faint' : ''}>
        {total === 0 ? 'None.' : states.map(([state, number]) => `${count(number)} ${state}`).join(', ')}
      </p>
    </Section>
  );
}
