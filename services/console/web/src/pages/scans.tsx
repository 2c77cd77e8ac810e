import { useState } from 'preact/hooks';
import type { Ingest, Ingests, ScanAsked, ScanRequest, Scans, ScanTarget } from '../../../src/api/scans.ts';
import { post } from '../api/client.ts';
import { useResource } from '../api/use-resource.ts';
import { counted, count } from '../lib/numbers.ts';
import { href } from '../lib/route.ts';
import { ingestStates, scanStates } from '../lib/states.ts';
import { duration } from '../lib/time.ts';
import { useIsOperator } from '../session.ts';
import { Badge } from '../ui/badge.tsx';
import { Id } from '../ui/copy.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { Page, Section } from '../ui/page.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { RecentEvents } from './recent-events.tsx';

/** What reads AWS and what tells APIM: how far it is, when it was, and the request to do it now. */
export function ScansPage() {
  const scans = useResource<Scans>('/api/scans', { topics: ['scans'] });
  const ingests = useResource<Ingests>('/api/ingests', { topics: ['ingests'] });
  const operator = useIsOperator();
  const [asking, setAsking] = useState<ScanTarget | 'all'>();
  return (
    <Page
      title="Scans and ingests"
      aside={
        operator && (
          <button type="button" class="primary" onClick={() => setAsking('all')}>
            Scan now
          </button>
        )
      }
    >
      <Section title="Targets">
        <Loaded of={scans}>
          {({ targets }) =>
            targets.length === 0 ? (
              <Empty title="No target is known yet.">
                A target is an account and a region of an integration. It appears when aws-discovery knows who
                it is in AWS. <a href={href('doctor')}>The doctor</a> says what is in its way.
              </Empty>
            ) : (
              <ul class="cards">
                {targets.map((target) => (
                  <Target
                    key={`${target.integrationId} ${target.account} ${target.region}`}
                    target={target}
                    onScan={operator ? () => setAsking(target) : undefined}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Section>
      <Section title="Ingests">
        <Loaded of={ingests}>
          {({ jobs }) =>
            jobs.length === 0 ? (
              <Empty title="No ingest is known.">
                An ingest starts in APIM: <em>Integrations</em>, the integration, <em>Discover</em>.
              </Empty>
            ) : (
              <ul class="cards">
                {jobs.map((job) => (
                  <Job key={job.ingestJobId} job={job} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Section>
      <Section title="History" aside={<a href={href('events', {}, { kind: 'scan' })}>All scans</a>}>
        <RecentEvents query={{ kind: 'scan' }} limit={12} />
      </Section>
      {asking && <AskForScan target={asking} onClose={() => setAsking(undefined)} />}
    </Page>
  );
}

interface TargetProps {
  readonly target: ScanTarget;
  readonly onScan: (() => void) | undefined;
}

function Target({ target, onScan }: TargetProps) {
  const { account, region, integrationId, state, stages, failure, progress, budget, scannedBy } = target;
  return (
    <li class="card">
      <p class="card-head">
        <strong>
          <a href={href('estate', {}, { account, region })}>
            <span class="mono">{account}</span> {region}
          </a>
        </strong>
        <Badge of={scanStates[state]} />
        <span class="grow" />
        {onScan && (
          <button type="button" onClick={onScan}>
            Scan now
            <span class="unseen">
              {' '}
              {account} {region}
            </span>
          </button>
        )}
      </p>
      {progress && <ProgressBar of={progress} unit="REST APIs" />}
      {failure !== undefined && <p class="tone-bad reason">{failure}</p>}
      <p class="small faint">
        {counted(stages, 'stage')} · complete <Time at={target.lastCompleteAt} /> · tried{' '}
        <Time at={target.lastAttemptAt} /> · next <Time at={target.dueAt} />
        {target.changeHeardAt !== undefined && (
          <>
            {' '}
            · changes heard <Time at={target.changeHeardAt} />
          </>
        )}
        {budget && ` · ${count(budget.rate)} of ${count(budget.configured)} calls/s`}
        {scannedBy !== undefined && ` · scanned by ${scannedBy}`} · integration {integrationId}
      </p>
    </li>
  );
}

function Job({ job }: { readonly job: Ingest }) {
  const { ingestJobId, integrationId, state, progress, batches, createdAt, lastBatchAt, drivenBy } = job;
  const ended = state === 'done' && lastBatchAt !== undefined;
  return (
    <li class="card">
      <p class="card-head">
        <strong>
          {counted(progress.total, 'API')} <span class="faint">of job</span> <Id short>{ingestJobId}</Id>
        </strong>
        <Badge of={ingestStates[state]} />
      </p>
      {state !== 'done' && <ProgressBar of={progress} unit="APIs" />}
      <p class="small faint">
        started <Time at={createdAt} /> · {counted(batches, 'batch', 'batches')}
        {ended && ` · took ${duration(lastBatchAt - createdAt)}`}
        {drivenBy !== undefined && ` · driven by ${drivenBy}`} · integration {integrationId}
      </p>
    </li>
  );
}

interface AskForScanProps {
  readonly target: ScanTarget | 'all';
  readonly onClose: () => void;
}

function AskForScan({ target, onClose }: AskForScanProps) {
  const [all, setAll] = useState(false);
  const where =
    target === 'all'
      ? {}
      : { integrationId: target.integrationId, account: target.account, region: target.region };
  const request: ScanRequest = { ...where, all };
  return (
    <Confirm
      title={target === 'all' ? 'Scan all targets now?' : `Scan ${target.account} ${target.region} now?`}
      verb="Scan now"
      run={() => post<ScanAsked>('/api/scans', request)}
      onClose={onClose}
    >
      <p>
        aws-discovery reads REST APIs, usage plans and stages within its budget of calls. It changes nothing
        in AWS, and tells APIM nothing until the next ingest.
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={all}
          onChange={({ currentTarget }) => setAll(currentTarget.checked)}
        />
        Also the stages of APIs that have not changed for long
      </label>
    </Confirm>
  );
}
