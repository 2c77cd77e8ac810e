import { useState } from 'preact/hooks';
import type { DoctorCheck, DoctorReport } from '../../../src/api/system.ts';
import { post, RequestFailed } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import { useResource } from '../api/use-resource.ts';
import { checkStates } from '../lib/states.ts';
import { useIsOperator } from '../session.ts';
import { Badge } from '../ui/badge.tsx';
import { Page } from '../ui/page.tsx';
import { Empty, Loaded, Problem } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';

/** Runs the doctor, and shows what it found. */
export function DoctorPage() {
  const report = useResource<DoctorReport>('/api/doctor', { topics: ['doctor'] });
  const operator = useIsOperator();
  const [failure, setFailure] = useState<Failure>();
  const run = async (): Promise<void> => {
    setFailure(undefined);
    try {
      await post<DoctorReport>('/api/doctor');
      report.reload();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setFailure(error.failure);
    }
  };
  const state = report.value?.state;
  return (
    <Page
      title="Doctor"
      aside={
        <button
          type="button"
          class="primary"
          disabled={!operator || state === 'running' || state === 'unavailable'}
          onClick={() => void run()}
        >
          {state === 'running' ? 'Running…' : 'Run it'}
        </button>
      }
    >
      <p class="lead faint">
        It tries the whole way: configuration, DNS, TLS, APIM, broker, AWS and its permissions. It takes up to
        half a minute and changes nothing.
        {!operator && ' Only an operator can run it.'}
      </p>
      {failure && <Problem failure={failure} />}
      <Loaded of={report}>{(value) => <Report report={value} />}</Loaded>
    </Page>
  );
}

function Report({
  report: { state, message, startedAt, endedAt, waitingFor, checks, failed },
}: {
  readonly report: DoctorReport;
}) {
  return (
    <>
      <p role="status">
        {state === 'running' && (
          <>
            Running since <Time at={startedAt} />
            {waitingFor.length > 0 && `; it waits for ${waitingFor.join(', ')}`}
          </>
        )}
        {state === 'done' && (
          <>
            <Badge
              of={failed === 0 ? { tone: 'ok', word: 'all good' } : { tone: 'bad', word: `${failed} failed` }}
            />{' '}
            <span class="faint">
              ended <Time at={endedAt} />
            </span>
          </>
        )}
      </p>
      {message !== undefined && <p>{message}</p>}
      {state === 'never' && checks.length === 0 && (
        <Empty title="It has not run yet.">
          Run it when something does not work, and after a change of the configuration.
        </Empty>
      )}
      {checks.length > 0 && <Checks checks={checks} />}
    </>
  );
}

function Checks({ checks }: { readonly checks: readonly DoctorCheck[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Checks">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Result</th>
            <th scope="col">What was found</th>
          </tr>
        </thead>
        <tbody>
          {checks.map(({ check, subject, status, detail, fix, lines = [] }, index) => (
            <tr key={index}>
              <td>
                {check}
                {subject !== '' && <p class="small faint">{subject}</p>}
              </td>
              <td>
                <Badge of={checkStates[status]} />
              </td>
              <td>
                <p>{detail}</p>
                {fix !== undefined && <p class="fix">{fix}</p>}
                {lines.map((line) => (
                  <p key={line} class="small mono">
                    {line}
                  </p>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
