/**
 * What APIM's store has room for, per text that leaves in an Api, Plan, Page or Metadata.
 *
 * Read in the sources of gravitee-api-management: the changelogs of its JDBC repository, which PostgreSQL, MySQL,
 * MariaDB and SQL Server share. MongoDB has no widths. A text that is too long is not cut there: it fails, see
 * docs/exchange-protocol.md.
 *
 * Widths are UTF-16 code units, JavaScript's `length`. SQL Server's nvarchar counts those; PostgreSQL, MySQL and
 * MariaDB count code points, of which a text has as many or fewer. So what fits here fits in each of them.
 */
export interface StoreWidth {
  /** Of APIM's schema. */
  readonly column: string;
  /** UTF-16 code units; absent: a large object without a limit. */
  readonly width?: number;
  /**
   * Two of it beside each other must differ after the database's case folding, because it is part of a key, or because
   * nothing else tells two of them apart for whoever reads them.
   */
  readonly distinct?: true;
}

/** Every text of an API that leaves; ids are not among them, they are never cut. */
export const storeWidths = {
  'api.name': { column: 'apis.name', width: 512, distinct: true },
  /** Not null; APIM puts `0.0.0` for an absent one. */
  'api.version': { column: 'apis.version', width: 64 },
  /** Unlimited from 4.5.28 on (and the lines of that date). */
  'api.description': { column: 'apis.description', width: 4_000 },
  'api.connectionDetails': { column: 'apis.definition' },
  'page.filename': { column: 'pages.name', width: 64 },
  'page.content': { column: 'pages.content' },
  'plan.name': { column: 'plans.name', width: 64, distinct: true },
  'plan.description': { column: 'plans.description' },
  /** Primary key together with the plan. */
  'plan.characteristic': { column: 'plan_characteristics.characteristic', width: 64, distinct: true },
  /** The name is 1,024 wide, and is used as the key too: primary key together with the API. */
  'metadata.name': { column: 'metadata.key', width: 64, distinct: true },
  'metadata.value': { column: 'metadata.value', width: 1_024 },
} as const satisfies Readonly<Record<string, StoreWidth>>;

export type StoreField = keyof typeof storeWidths;

/** UTF-16 code units that a field has room for. */
export function widthOf(field: StoreField): number {
  const { width = Infinity }: StoreWidth = storeWidths[field];
  return width;
}
