import { useState } from 'preact/hooks';
import type { Why } from '../../../src/api/estate.ts';
import { post, RequestFailed } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import { useResource } from '../api/use-resource.ts';
import { href } from '../lib/route.ts';
import { useIsOperator } from '../session.ts';
import { Empty, Loaded, Problem } from '../ui/states.tsx';

/** Nothing was found: says why, as far as the agent knows. */
export function WhyNot({ search, filtered }: { readonly search: string; readonly filtered: boolean }) {
  const query = search.trim();
  const why = useResource<Why>(query === '' ? undefined : `/api/why/${encodeURIComponent(query)}`, {
    topics: ['estate'],
  });
  if (query === '') {
    return filtered ? (
      <Empty title="Nothing is in this part.">
        <a href={href('estate')}>Show everything</a>
      </Empty>
    ) : (
      <Empty title="The agent has found no API yet.">
        It shows REST APIs of Amazon API Gateway with a usage plan. Look at{' '}
        <a href={href('scans')}>the scans</a>: did one end, and could it read everything?{' '}
        <a href={href('doctor')}>The doctor</a> says what AWS denies.
      </Empty>
    );
  }
  return (
    <Loaded of={why}>
      {(known) =>
        filtered && known.matches.length > 0 ? (
          <Empty title={`Nothing matches “${query}” in this part.`}>
            <a href={href('estate', {}, { search: query })}>Show it in all parts</a>
          </Empty>
        ) : (
          <Explained key={query} query={query} known={known} />
        )
      }
    </Loaded>
  );
}

/** What the agent knows; an operator may have it look in AWS for the rest. */
function Explained({ query, known }: { readonly query: string; readonly known: Why }) {
  const isOperator = useIsOperator();
  const [looked, setLooked] = useState<Why>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const look = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      setLooked(await post<Why>(`/api/why/${encodeURIComponent(query)}`));
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setFailure(error.failure);
    } finally {
      setBusy(false);
    }
  };
  const { answer, also } = looked ?? known;
  return (
    <Empty title={answer}>
      {also.map((line) => (
        <span key={line} class="line">
          {line}
        </span>
      ))}
      {failure && <Problem failure={failure} />}
      {isOperator && looked === undefined && (
        <button type="button" disabled={busy} onClick={() => void look()}>
          {busy ? 'Looking in AWS…' : 'Look in AWS'}
        </button>
      )}
    </Empty>
  );
}
