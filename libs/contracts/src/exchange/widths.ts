/**
 * The room in APIM's store for each text of an Api, Plan, Page or Metadata.
 *
 * Read in the sources of gravitee-api-management: the changelogs of its JDBC repository, which PostgreSQL, MySQL,
 * MariaDB and SQL Server share. MongoDB has no widths. APIM does not cut a text that is too long; the write fails, see
 * docs/exchange-protocol.md.
 *
 * Widths are UTF-16 code units, JavaScript's `length`. SQL Server's nvarchar counts those. PostgreSQL, MySQL and
 * MariaDB count code points, and a text never has more code points than code units. So a text that fits here fits in
 * each of them.
 */
export interface StoreWidth {
  /** The column in APIM's schema. */
  readonly column: string;
  /** UTF-16 code units; absent: a large object without a limit. */
  readonly width?: number;
  /**
   * Two such texts beside each other must differ after the database's case folding: the text is part of a key, or
   * readers have nothing else to tell two of them apart by.
   */
  readonly distinct?: true;
}

/** Every text of an API that we send. Ids are not among them, because they are never cut. */
export const storeWidths = {
  'api.name': { column: 'apis.name', width: 512, distinct: true },
  /** Not null; APIM writes `0.0.0` when it is absent. */
  'api.version': { column: 'apis.version', width: 64 },
  /** Unlimited from 4.5.28 on (and in the other release lines of that date). */
  'api.description': { column: 'apis.description', width: 4_000 },
  'api.connectionDetails': { column: 'apis.definition' },
  'page.filename': { column: 'pages.name', width: 64 },
  'page.content': { column: 'pages.content' },
  'plan.name': { column: 'plans.name', width: 64, distinct: true },
  'plan.description': { column: 'plans.description' },
  /** Part of the primary key, with the plan. */
  'plan.characteristic': { column: 'plan_characteristics.characteristic', width: 64, distinct: true },
  /** The column `name` has 1,024, but the name is also used as the key: part of the primary key, with the API. */
  'metadata.name': { column: 'metadata.key', width: 64, distinct: true },
  'metadata.value': { column: 'metadata.value', width: 1_024 },
} as const satisfies Readonly<Record<string, StoreWidth>>;

export type StoreField = keyof typeof storeWidths;

/** How many UTF-16 code units fit into a field. */
export function widthOf(field: StoreField): number {
  const { width = Infinity }: StoreWidth = storeWidths[field];
  return width;
}
