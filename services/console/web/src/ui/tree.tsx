import type { ComponentChildren, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { treeMove, treeRows, type TreeNode } from '../lib/tree.ts';
import { Icon } from './icons.tsx';

interface TreeProps<Node extends TreeNode> {
  readonly label: string;
  readonly nodes: readonly Node[];
  readonly open: ReadonlySet<string>;
  readonly selected: string | undefined;
  readonly onOpen: (id: string, open: boolean) => void;
  readonly onSelect: (node: Node) => void;
  readonly draw: (node: Node) => ComponentChildren;
  /** A node may have children that are not loaded yet. */
  readonly mayOpen: (node: Node) => boolean;
}

/** A tree with the keys of WAI-ARIA: arrows move and open, Enter and Space choose. */
export function Tree<Node extends TreeNode>(props: TreeProps<Node>) {
  const { label, nodes, open, selected, onOpen, onSelect, draw, mayOpen } = props;
  const rows = treeRows(nodes, open);
  const [active, setActive] = useState(selected);
  const current = rows.some(({ node }) => node.id === active) ? active : rows[0]?.node.id;
  const list = useRef<HTMLUListElement>(null);
  const focusNext = useRef(false);
  useLayoutEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }, [current]);

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLUListElement>): void => {
    const row = rows.find(({ node }) => node.id === current);
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onSelect(row.node);
      return;
    }
    if (event.key === 'ArrowRight' && !row.open && mayOpen(row.node)) {
      event.preventDefault();
      onOpen(row.node.id, true);
      return;
    }
    const move = treeMove(event.key, rows, row.node.id);
    if (move === undefined) return;
    event.preventDefault();
    if ('focus' in move) {
      focusNext.current = true;
      setActive(move.focus);
    } else if ('open' in move) onOpen(move.open, true);
    else onOpen(move.close, false);
  };

  return (
    <ul class="tree" role="tree" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {rows.map(({ node, level, place, siblings, open: isOpen }) => {
        const opens = mayOpen(node);
        return (
          <li
            key={node.id}
            role="treeitem"
            class={`level-${level}`}
            aria-level={level}
            aria-posinset={place}
            aria-setsize={siblings}
            aria-expanded={opens ? isOpen : undefined}
            aria-selected={node.id === selected}
            tabIndex={node.id === current ? 0 : -1}
            onClick={() => {
              setActive(node.id);
              onSelect(node);
            }}
          >
            <span
              class={`twist ${opens ? '' : 'leaf'}`}
              onClick={(event) => {
                if (!opens) return;
                event.stopPropagation();
                onOpen(node.id, !isOpen);
              }}
            >
              {opens && <Icon name="open" />}
            </span>
            {draw(node)}
          </li>
        );
      })}
    </ul>
  );
}
