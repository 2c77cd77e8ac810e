import type { DeadLetterRow, DeadLetters } from '../../../src/api/dead.ts';
import { useResource } from '../api/use-resource.ts';
import { bytes, counted } from '../lib/numbers.ts';
import { href } from '../lib/route.ts';
import { Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';

const columns: readonly Column<DeadLetterRow>[] = [
  {
    id: 'subject',
    title: 'Subject',
    size: 'wide',
    cell: ({ subject }) => <span class="mono">{subject}</span>,
  },
  { id: 'at', title: 'When', size: 'narrow', cell: ({ at }) => <Time at={at} /> },
  { id: 'reason', title: 'Reason', size: 'wide', cell: ({ reason }) => <span title={reason}>{reason}</span> },
  { id: 'stream', title: 'Stream', room: 'large', cell: ({ stream }) => stream },
  { id: 'deliveries', title: 'Tries', room: 'large', numeric: true, cell: ({ deliveries }) => deliveries },
  { id: 'bytes', title: 'Size', room: 'large', numeric: true, cell: ({ bytes: size }) => bytes(size) },
];

/** Messages that nobody could handle. */
export function DeadLettersPage() {
  const dead = useResource<DeadLetters>('/api/dead', { topics: ['dead'] });
  return (
    <Page
      title="Dead letters"
      aside={dead.value && <span class="faint">{counted(dead.value.total, 'letter')}</span>}
    >
      <p class="lead faint">
        A message that no worker could handle is moved here with its reason. Read the reason before you send
        it again.
      </p>
      <Loaded of={dead}>
        {({ letters }) =>
          letters.length === 0 ? (
            <Empty title="There is no dead letter.">Every message was handled.</Empty>
          ) : (
            <Table
              caption="Dead letters, newest first"
              columns={columns}
              total={letters.length}
              rowAt={(index) => letters[index]}
              hrefOf={({ sequence }) => href('deadLetter', { sequence: String(sequence) })}
            />
          )
        }
      </Loaded>
    </Page>
  );
}
