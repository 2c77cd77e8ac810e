import { local, relative, renewAfter, utc } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';

/** How long ago, with the local time and UTC on hover. `at`: epoch milliseconds */
export function Time({ at }: { readonly at: number | undefined }) {
  const now = useNow(at === undefined ? 3_600_000 : renewAfter(at, Date.now()));
  if (at === undefined) return <span class="faint">never</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={`${local(at)} here, ${utc(at)}`}>
      {relative(at, now)}
    </time>
  );
}

/** The time itself, for lists in the order of time. */
export function At({ at }: { readonly at: number }) {
  return (
    <time
      class="mono"
      dateTime={new Date(at).toISOString()}
      title={`${utc(at)} (${relative(at, Date.now())})`}
    >
      {local(at)}
    </time>
  );
}
