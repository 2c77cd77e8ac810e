import type { Why } from '../../../src/api/estate.ts';
import { useResource } from '../api/use-resource.ts';
import { href } from '../lib/route.ts';
import { Empty, Loaded } from '../ui/states.tsx';

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
      {({ answer, matches, also }) => (
        <Empty title={filtered ? `Nothing matches “${query}” in this part.` : answer}>
          {also.map((line) => (
            <span key={line} class="line">
              {line}
            </span>
          ))}
          {matches.length > 0 && <a href={href('estate', {}, { search: query })}>Show it in all parts</a>}
        </Empty>
      )}
    </Loaded>
  );
}
