/** The states of everything that has one: what each means for whoever reads it, and its word. */
import type { SagaState } from '@federation-agent/contracts';
import type { PartState } from '../../../src/api/common.ts';
import type { ListingState } from '../../../src/api/estate.ts';
import type { AuditEvent } from '../../../src/api/events.ts';
import type { Ingest, ScanTarget } from '../../../src/api/scans.ts';
import type { DoctorCheck } from '../../../src/api/system.ts';

/** A colour and a shape. */
type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'idle';
export interface Shown {
  readonly tone: Tone;
  readonly word: string;
  /** What the state means; for those that a reader may not know. */
  readonly means?: string;
}
type Table<State extends string> = Readonly<Record<State, Shown>>;

export const partStates: Table<PartState> = {
  up: { tone: 'ok', word: 'up' },
  degraded: { tone: 'warn', word: 'degraded' },
  down: { tone: 'bad', word: 'down' },
  unknown: { tone: 'idle', word: 'unknown' },
};

export const listingStates: Table<ListingState> = {
  listed: { tone: 'ok', word: 'listed', means: 'APIM is told of it.' },
  stale: { tone: 'warn', word: 'stale', means: 'APIM is told of it, as it was when AWS last answered.' },
  hidden: { tone: 'idle', word: 'hidden', means: 'APIM is not told of it.' },
};

export const subscriptionStates: Table<SagaState> = {
  intent: { tone: 'busy', word: 'intent', means: 'A key is about to be made.' },
  created: { tone: 'busy', word: 'created', means: 'The key is made. It is in no usage plan yet.' },
  attached: { tone: 'busy', word: 'attached', means: 'The key works. APIM is being told.' },
  held: { tone: 'ok', word: 'held', means: 'APIM has the key, and it works.' },
  unconfirmed: {
    tone: 'warn',
    word: 'unconfirmed',
    means: 'The key works. Nobody knows whether APIM has it.',
  },
  revoking: { tone: 'busy', word: 'revoking', means: 'The key is about to be deleted.' },
  sweeping: { tone: 'busy', word: 'sweeping', means: 'The key is being deleted.' },
  purging: {
    tone: 'busy',
    word: 'purging',
    means: 'The key is deleted. A late call may make it again, so it is watched.',
  },
  revoked: { tone: 'idle', word: 'revoked', means: 'There is no key any more.' },
  unresolved: {
    tone: 'bad',
    word: 'unresolved',
    means: 'AWS never told the id of a key. A person must look.',
  },
};

export const scanStates: Table<ScanTarget['state']> = {
  never: { tone: 'idle', word: 'never scanned' },
  requested: { tone: 'busy', word: 'requested' },
  scanning: { tone: 'busy', word: 'scanning' },
  'up-to-date': { tone: 'ok', word: 'up to date' },
  'partly-stale': { tone: 'warn', word: 'partly stale' },
  stale: { tone: 'bad', word: 'stale' },
};

export const ingestStates: Table<Ingest['state']> = {
  announced: { tone: 'busy', word: 'announced', means: 'It is not yet known whether APIM has the answer.' },
  running: { tone: 'busy', word: 'running', means: 'Batches are sent.' },
  done: { tone: 'ok', word: 'done', means: 'The last batch was sent.' },
  refused: { tone: 'bad', word: 'refused', means: 'APIM never got the answer.' },
};

export const checkStates: Table<DoctorCheck['status']> = {
  ok: { tone: 'ok', word: 'ok' },
  note: { tone: 'warn', word: 'note' },
  failed: { tone: 'bad', word: 'failed' },
  skipped: { tone: 'idle', word: 'skipped' },
};

export const outcomes: Table<AuditEvent['outcome']> = {
  ok: { tone: 'ok', word: 'ok' },
  failed: { tone: 'bad', word: 'failed' },
  unknown: { tone: 'warn', word: 'unknown' },
};

export const actors: Readonly<Record<AuditEvent['actor'], string>> = {
  apim: 'APIM',
  operator: 'operator',
  sweeper: 'sweeper',
  agent: 'agent',
};
