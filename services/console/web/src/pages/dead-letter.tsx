import { useState } from 'preact/hooks';
import type { DeadLetterDetail } from '../../../src/api/dead.ts';
import type { Done } from '../../../src/api/common.ts';
import { post } from '../api/client.ts';
import { useResource } from '../api/use-resource.ts';
import { bytes, count } from '../lib/numbers.ts';
import { href } from '../lib/route.ts';
import { navigate } from '../lib/use-route.ts';
import { useIsOperator } from '../session.ts';
import { Confirm } from '../ui/dialog.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Loaded } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';

/** One message that nobody could handle: why, what it says, and what can become of it. */
export function DeadLetterPage({ sequence }: { readonly sequence: string }) {
  const path = `/api/dead/${encodeURIComponent(sequence)}`;
  const letter = useResource<DeadLetterDetail>(path);
  return (
    <Page title={`Dead letter ${sequence}`} back={<a href={href('dead')}>Dead letters</a>}>
      <Loaded of={letter}>
        {(detail) => (
          <>
            <p class="lead">{detail.reason}</p>
            <Choices path={path} letter={detail} />
            <Section title="Message">
              <Facts
                of={{
                  Subject: <code>{detail.subject}</code>,
                  Stream: detail.stream,
                  Died: <Time at={detail.at} />,
                  Tries: count(detail.deliveries),
                  Size: bytes(detail.bytes),
                }}
              />
              <pre tabIndex={0} aria-label="What the message says">
                {detail.data}
              </pre>
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface ChoicesProps {
  readonly path: string;
  readonly letter: DeadLetterDetail;
}

function Choices({ path, letter: { replay, discard, notReplayable } }: ChoicesProps) {
  const operator = useIsOperator();
  const [asking, setAsking] = useState<'replay' | 'discard'>();
  const run = async (what: 'replay' | 'discard'): Promise<void> => {
    await post<Done>(`${path}/${what}`);
    navigate(href('dead'));
  };
  return (
    <Section title="What you can do">
      <ul class="actions">
        <li>
          <button
            type="button"
            disabled={!operator || notReplayable !== undefined}
            onClick={() => setAsking('replay')}
          >
            Replay
          </button>
          <p>{notReplayable ?? replay}</p>
        </li>
        <li>
          <button type="button" class="danger" disabled={!operator} onClick={() => setAsking('discard')}>
            Discard
          </button>
          <p>{discard}</p>
        </li>
      </ul>
      {!operator && <p class="faint">Only an operator can act. You are a viewer.</p>}
      {asking === 'replay' && (
        <Confirm
          title="Send the message again?"
          verb="Replay"
          run={() => run(asking)}
          onClose={() => setAsking(undefined)}
        >
          <p>{replay}</p>
        </Confirm>
      )}
      {asking === 'discard' && (
        <Confirm
          title="Discard the message?"
          verb="Discard"
          typed="discard"
          run={() => run(asking)}
          onClose={() => setAsking(undefined)}
        >
          <p>{discard}</p>
        </Confirm>
      )}
    </Section>
  );
}
