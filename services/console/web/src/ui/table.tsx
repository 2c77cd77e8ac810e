import type { ComponentChildren, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { movedRow, scrollTo, visibleRows, type Range } from '../lib/window.ts';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** `wide`: a share of the room that is left by the others. */
  readonly size?: 'wide' | 'state' | 'narrow';
  /** Shown only when the table has this much room. */
  readonly room?: 'medium' | 'large';
  readonly numeric?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
}

interface TableProps<Row> {
  readonly caption: string;
  /** What the rows are the answer to. Another query begins at its first row. */
  readonly query?: string;
  readonly columns: readonly Column<Row>[];
  readonly total: number;
  /** The row at a place from 0; undefined while it is not loaded. */
  readonly rowAt: (index: number) => Row | undefined;
  /** The address of a row: its first cell is the link. */
  readonly hrefOf?: (row: Row) => string;
  /** Told which rows are drawn, so that they can be loaded. */
  readonly onRange?: (range: Range) => void;
}

/** As in table.css. */
const rowHeight = 36;

/**
 * A table that draws only the rows that are seen. One row is in the tab order; the arrow keys, Page Up and Down, Home
 * and End move it, and Enter follows its link.
 */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, query, columns, total, rowAt, hrefOf, onRange } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 900 });
  const [active, setActive] = useState(0);
  const focusNext = useRef(false);
  const { from, to } = visibleRows({ ...view, rowHeight, total });
  const current = Math.min(active, Math.max(0, total - 1));

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = 0;
    setView((before) => ({ ...before, top: 0 }));
    setActive(0);
  }, [query]);
  useEffect(() => onRange?.({ from, to }), [from, to, onRange]);
  // With the rows themselves: a key that is pressed between them would go to nobody.
  useLayoutEffect(() => {
    if (!focusNext.current) return;
    const target = box.current?.querySelector<HTMLElement>(`[data-row="${current}"]`);
    if (target) focusNext.current = false;
    target?.focus({ preventScroll: true });
  });

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 2);
    const next = movedRow(event.key, current, total, page);
    if (next === undefined || total === 0) return;
    event.preventDefault();
    focusNext.current = true;
    setActive(next);
    const element = event.currentTarget;
    element.scrollTop = scrollTo(next, { ...view, top: element.scrollTop, rowHeight }, rowHeight);
  };

  return (
    <div
      class="table-box"
      ref={box}
      onScroll={({ currentTarget }) => setView({ ...view, top: currentTarget.scrollTop })}
      onKeyDown={onKeyDown}
    >
      <table aria-rowcount={total + 1}>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th key={column.id} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Space rows={from} />
          {Array.from({ length: Math.max(0, to - from) }, (_, offset) => {
            const index = from + offset;
            const row = rowAt(index);
            return (
              <TableRow
                // Not the row's: a search would make each row anew, and remove each that was there.
                key={index}
                {...{ row, index, columns, hrefOf }}
                current={index === current}
                onFocus={() => setActive(index)}
              />
            );
          })}
          <Space rows={total - to} />
        </tbody>
      </table>
    </div>
  );
}

interface TableRowProps<Row> {
  readonly row: Row | undefined;
  readonly index: number;
  readonly columns: readonly Column<Row>[];
  readonly hrefOf: ((row: Row) => string) | undefined;
  readonly current: boolean;
  readonly onFocus: () => void;
}

function TableRow<Row>({ row, index, columns, hrefOf, current, onFocus }: TableRowProps<Row>) {
  if (row === undefined) {
    return (
      <tr aria-rowindex={index + 2} class="row-loading">
        <td>
          <span class="unseen">Loading</span>
        </td>
      </tr>
    );
  }
  return (
    <tr aria-rowindex={index + 2} class={current ? 'current' : undefined}>
      {columns.map((column, place) => {
        const content = column.cell(row);
        if (place > 0 || hrefOf === undefined)
          return (
            <td key={column.id} class={classOf(column)}>
              {content}
            </td>
          );
        return (
          <td key={column.id} class={classOf(column)}>
            <a href={hrefOf(row)} data-row={index} tabIndex={current ? 0 : -1} onFocus={onFocus}>
              {content}
            </a>
          </td>
        );
      })}
    </tr>
  );
}

/** Stands for the rows that are not drawn. One cell: a span over columns that are not shown would make them again. */
function Space({ rows }: { readonly rows: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true" class="space">
      <td style={{ height: `${rows * rowHeight}px` }} />
    </tr>
  );
}

function classOf<Row>({ size, room, numeric }: Column<Row>): string {
  const names = [`size-${size ?? 'normal'}`, room && `room-${room}`, numeric && 'numeric'];
  return names.filter(Boolean).join(' ');
}
