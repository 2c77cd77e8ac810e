/**
 * The database behind APIM, as far as it affects an ingest: columns of limited width, and keys that are compared by a
 * collation, as in the changelogs of the JDBC repository (PostgreSQL, MySQL, MariaDB, SQL Server). MongoDB has neither.
 *
 * It is as strict as the strictest of the four: widths count UTF-16 units like SQL Server, and keys fold like MySQL,
 * which ignores case, accents, trailing blanks and characters beyond the basic plane.
 */
import type { ReadApi, ReadMetadata, ReadPage, ReadPlan } from './reader.ts';

export type StoreKind = 'jdbc' | 'mongodb';

/** The database's error; its transaction is over. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
}

/** Each method throws StoreRefusal when the database refuses the data. */
export interface Store {
  api(api: ReadApi): void;
  /** The plan's own row; its characteristics are separate rows. */
  plan(plan: ReadPlan): void;
  page(page: ReadPage): void;
  metadata(metadata: ReadMetadata): void;
  /** The form in which a key is compared. */
  key(text: string): string;
}

const columns = {
  'apis.name': 512,
  'apis.version': 64,
  'apis.description': 4_000,
  'plans.name': 64,
  'plan_characteristics.characteristic': 64,
  'pages.name': 64,
  'metadata.key': 64,
  'metadata.name': 1_024,
  'metadata.value': 1_024,
} as const;

export function createStore(kind: StoreKind): Store {
  if (kind === 'mongodb') {
    const anything = (): void => undefined;
    return { api: anything, plan: anything, page: anything, metadata: anything, key: (text) => text };
  }
  const write = (column: keyof typeof columns, value: string | null | undefined): void => {
    if (value?.includes('\0'))
      throw new StoreRefusal(`invalid byte sequence for encoding "UTF8": 0x00 (${column})`);
    const length = value?.length ?? 0;
    if (length > columns[column])
      throw new StoreRefusal(
        `value too long for type character varying(${columns[column]}): ${column} of ${length}`,
      );
  };
  return {
    api: ({ name, version, description }) => {
      write('apis.name', name);
      write('apis.version', version);
      write('apis.description', description);
    },
    plan: ({ id, name, characteristics }) => {
      write('plans.name', name);
      const keys = new Set<string>();
      for (const characteristic of characteristics ?? []) {
        write('plan_characteristics.characteristic', characteristic);
        const key = collated(characteristic ?? '');
        if (keys.has(key))
          throw new StoreRefusal(`duplicate key value violates pk_plan_characteristics: ${id ?? ''}, ${key}`);
        keys.add(key);
      }
    },
    page: ({ filename }) => write('pages.name', filename),
    metadata: ({ name, value }) => {
      write('metadata.key', name);
      write('metadata.name', name);
      write('metadata.value', value);
    },
    key: collated,
  };
}

function collated(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[\u{10000}-\u{10FFFF}]/gu, '\ufffd')
    .toUpperCase()
    .toLowerCase()
    .trimEnd();
}
