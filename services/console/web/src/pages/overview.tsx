import { useContext } from 'preact/hooks';
import type { Alert, Overview } from '../../../src/api/overview.ts';
import { counted, count } from '../lib/numbers.ts';
import { href } from '../lib/route.ts';
import { partStates } from '../lib/states.ts';
import { OverviewContext } from '../overview.ts';
import { Badge } from '../ui/badge.tsx';
import { Chain } from '../ui/chain.tsx';
import { Icon } from '../ui/icons.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Loaded } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { RecentEvents } from './recent-events.tsx';

/** Is it connected, what did it find, what waits for a person. */
export function OverviewPage() {
  const overview = useContext(OverviewContext);
  return (
    <Page title="Overview">
      <Loaded of={overview}>
        {(value) => (
          <>
            <ModelNotice model={value.model} at={value.at} />
            <Alerts alerts={value.alerts} />
            <Section title="From APIM to AWS">
              <Chain parts={value.chain} />
            </Section>
            <Section title="In numbers">
              <Numbers counts={value.counts} />
            </Section>
            <Processes processes={value.processes} />
          </>
        )}
      </Loaded>
      <Section title="Last events" aside={<a href={href('events')}>All events</a>}>
        <RecentEvents query={{}} />
      </Section>
    </Page>
  );
}

function ModelNotice({ model, at }: { readonly model: Overview['model']; readonly at: number }) {
  if (model === 'ready') return null;
  return (
    <p class="notice tone-warn" role="status">
      <Icon name="warn" />
      <span>
        {model === 'loading' ? (
          'The console still reads its records: numbers may be too low.'
        ) : (
          <>
            The broker does not answer. This is what was known <Time at={at} />.
          </>
        )}
      </span>
    </p>
  );
}

function Alerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  if (alerts.length === 0) {
    return (
      <p class="notice tone-ok">
        <Icon name="ok" />
        <span>Nothing needs you.</span>
      </p>
    );
  }
  return (
    <ul class="alerts" aria-label="Alerts">
      {alerts.map(({ severity, text, page, since }) => (
        <li key={text} class={`notice tone-${severity === 'error' ? 'bad' : 'warn'}`}>
          <Icon name={severity === 'error' ? 'bad' : 'warn'} />
          <div>
            <p>
              <span class="unseen">{severity}: </span>
              {text}
            </p>
            <p class="small">
              {since !== undefined && (
                <>
                  since <Time at={since} /> ·{' '}
                </>
              )}
              <a href={page}>Look at it</a>
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Numbers({ counts }: { readonly counts: Overview['counts'] }) {
  const tiles = [
    { value: counts.stages, name: 'stages found', to: href('estate') },
    { value: counts.listed, name: 'listed', to: href('estate', {}, { state: 'listed' }) },
    { value: counts.stale, name: 'stale', to: href('estate', {}, { state: 'stale' }) },
    { value: counts.hidden, name: 'hidden', to: href('estate', {}, { state: 'hidden' }) },
    { value: counts.targets, name: 'targets', to: href('scans') },
    { value: counts.ingestsRunning, name: 'ingests running', to: href('scans') },
    { value: counts.subscriptions, name: 'subscriptions', to: href('subscriptions') },
    {
      value: counts.needPerson,
      name: 'need a person',
      to: href('subscriptions', {}, { needsPerson: 'true' }),
    },
    { value: counts.deadLetters, name: 'dead letters', to: href('dead') },
  ];
  return (
    <ul class="tiles">
      {tiles.map(({ value, name, to }) => (
        <li key={name}>
          <a href={to}>
            <strong>{count(value)}</strong> {name}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Processes({ processes }: { readonly processes: Overview['processes'] }) {
  return (
    <Section
      title="Processes"
      aside={<span class="faint">{counted(processes.length, 'process', 'processes')}</span>}
    >
      <div class="scroll" tabIndex={0} role="region" aria-label="Processes of the agent">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Process</th>
              <th scope="col">State</th>
              <th scope="col">Services</th>
              <th scope="col">Version</th>
              <th scope="col">Started</th>
            </tr>
          </thead>
          <tbody>
            {processes.map(({ instance, services, version, startedAt, state }) => (
              <tr key={instance}>
                <td class="mono">{instance}</td>
                <td>
                  <Badge of={partStates[state]} />
                </td>
                <td>{services.join(', ')}</td>
                <td>{version}</td>
                <td>
                  <Time at={startedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
