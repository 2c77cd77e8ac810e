/** A tree as the rows that are seen of it. */

export interface TreeNode {
  /** Unique in the tree. */
  readonly id: string;
  readonly children: readonly TreeNode[];
}

export interface TreeRow<Node extends TreeNode> {
  readonly node: Node;
  /** From 1. */
  readonly level: number;
  /** Place among its siblings from 1, and how many they are: a screen reader says both. */
  readonly place: number;
  readonly siblings: number;
  readonly open: boolean;
  readonly parent: string | undefined;
}

/** The rows in the order they are seen: a node, then what is below it when it is open. */
export function treeRows<Node extends TreeNode>(
  nodes: readonly Node[],
  open: ReadonlySet<string>,
  level = 1,
  parent?: string,
): readonly TreeRow<Node>[] {
  return nodes.flatMap((node, index) => {
    const isOpen = open.has(node.id);
    const row = { node, level, place: index + 1, siblings: nodes.length, open: isOpen, parent };
    return [row, ...(isOpen ? treeRows(node.children as readonly Node[], open, level + 1, node.id) : [])];
  });
}

export type TreeMove = { readonly focus: string } | { readonly open: string } | { readonly close: string };

/** What a key does in a tree (WAI-ARIA's pattern), or undefined for keys that are none of its. */
export function treeMove<Node extends TreeNode>(
  key: string,
  rows: readonly TreeRow<Node>[],
  active: string,
): TreeMove | undefined {
  const index = rows.findIndex(({ node }) => node.id === active);
  const row = rows[index];
  if (row === undefined) return undefined;
  const to = (target: number): TreeMove | undefined => {
    const found = rows[target];
    return found && { focus: found.node.id };
  };
  switch (key) {
    case 'ArrowDown':
      return to(index + 1);
    case 'ArrowUp':
      return to(index - 1);
    case 'Home':
      return to(0);
    case 'End':
      return to(rows.length - 1);
    case 'ArrowRight':
      if (row.node.children.length === 0) return undefined;
      return row.open ? to(index + 1) : { open: active };
    case 'ArrowLeft':
      if (row.open) return { close: active };
      return row.parent === undefined ? undefined : { focus: row.parent };
    default:
      return undefined;
  }
}
