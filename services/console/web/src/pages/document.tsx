import { useMemo, useState } from 'preact/hooks';
import type { StageDetail } from '../../../src/api/estate.ts';
import { getText } from '../api/client.ts';
import { useResource } from '../api/use-resource.ts';
import { bytes, counted } from '../lib/numbers.ts';
import { summaryOf, type DocumentSummary } from '../lib/openapi.ts';
import { Badge } from '../ui/badge.tsx';
import { Facts } from '../ui/facts.tsx';
import { Loaded } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';

interface DocumentProps {
  readonly path: string;
  readonly detail: StageDetail['documentDetail'];
}

const readText = (path: string, signal: AbortSignal): Promise<string> => getText(path, { signal });

/** The OpenAPI document of a stage in short, and its text. It is hostile: it is only ever shown as text. */
export function DocumentView({ path, detail: { state, exportedAt, bytes: size, reason } }: DocumentProps) {
  // Another export is another document.
  const text = useResource<string>(state === 'stored' ? `${path}?${exportedAt ?? ''}` : undefined, {
    read: readText,
  });
  return (
    <>
      {reason !== undefined && (
        <p>
          <Badge of={{ tone: 'warn', word: state === 'stored' ? 'last export failed' : 'none' }} /> {reason}
        </p>
      )}
      {state === 'pending' && <p class="faint">Not exported yet. The next scan does it.</p>}
      {state === 'stored' && (
        <>
          <p class="faint small">
            Exported <Time at={exportedAt} />
            {size !== undefined && `, ${bytes(size)}`} ·{' '}
            <a href={path} download="openapi.json">
              Download
            </a>
          </p>
          <Loaded of={text}>{(loaded) => <DocumentText text={loaded} />}</Loaded>
        </>
      )}
    </>
  );
}

/** More text than this makes a browser slow; the download has all of it. */
const mostShown = 200_000;

function DocumentText({ text }: { readonly text: string }) {
  const summary = useMemo(() => summaryOf(text), [text]);
  const [open, setOpen] = useState(false);
  return (
    <>
      {summary ? <Summary of={summary} /> : <p>This is no OpenAPI document in JSON.</p>}
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>The document</summary>
        {open && (
          <>
            <pre tabIndex={0}>{indented(text).slice(0, mostShown)}</pre>
            {text.length > mostShown && <p class="faint">It goes on: download it to see all.</p>}
          </>
        )}
      </details>
    </>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const shownAtOnce = 50;

function Summary({ of: { title, version, format, servers, operations } }: { readonly of: DocumentSummary }) {
  const [all, setAll] = useState(false);
  return (
    <>
      <Facts of={{ Title: title, Version: version, Format: format, Servers: servers.join(', ') }} />
      <p>{counted(operations.length, 'operation')}</p>
      <ul class="operations">
        {operations
          .slice(0, all ? operations.length : shownAtOnce)
          .map(({ method, path, summary, needsKey }) => (
            <li key={`${method} ${path}`}>
              <code class="method">{method}</code> <code>{path}</code>
              {needsKey && <span class="faint small"> needs a key</span>}
              {summary !== '' && <span class="faint"> {summary}</span>}
            </li>
          ))}
      </ul>
      {!all && operations.length > shownAtOnce && (
        <button type="button" onClick={() => setAll(true)}>
          All {operations.length}
        </button>
      )}
    </>
  );
}
