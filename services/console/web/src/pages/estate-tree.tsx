import { useCallback, useEffect, useState } from 'preact/hooks';
import type { EstatePage, EstateTree } from '../../../src/api/estate.ts';
import { get, RequestFailed } from '../api/client.ts';
import { useResource } from '../api/use-resource.ts';
import { estateTree, regionOf, type EstateNode } from '../lib/estate-tree.ts';
import { href, queryText } from '../lib/route.ts';
import { listingStates } from '../lib/states.ts';
import { navigate } from '../lib/use-route.ts';
import { Badge } from '../ui/badge.tsx';
import { Loaded } from '../ui/states.tsx';
import { Tree } from '../ui/tree.tsx';

interface EstateTreeProps {
  readonly selected: Readonly<Record<string, string | undefined>>;
  readonly onSelect: (part: NonNullable<EstateNode['query']>) => void;
}

const limit = 500;

/** Accounts and regions, and below an opened region its APIs, stages and plans. */
export function EstateTreeView({ selected, onSelect }: EstateTreeProps) {
  const tree = useResource<EstateTree>('/api/estate/tree', { topics: ['estate'] });
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [regions, setRegions] = useState<ReadonlyMap<string, EstatePage>>(new Map());

  const load = useCallback(async (id: string): Promise<void> => {
    const region = regionOf(id);
    if (region === undefined) return;
    const page = await get<EstatePage>(`/api/estate${queryText({ ...region, limit })}`).catch(
      (error: unknown) => {
        if (!(error instanceof RequestFailed)) throw error;
        return undefined; // The tree itself shows that the agent does not answer.
      },
    );
    if (page) setRegions((before) => new Map([...before, [id, page]]));
  }, []);
  useEffect(() => {
    for (const id of open) void load(id);
  }, [tree.loadedAt, load]);

  const onOpen = (id: string, opened: boolean): void => {
    setOpen((before) => new Set(opened ? [...before, id] : [...before].filter((one) => one !== id)));
    if (opened) void load(id);
  };
  return (
    <Loaded of={tree}>
      {(upper) => (
        <Tree
          label="Accounts, regions, APIs, stages and plans"
          nodes={estateTree(upper, regions)}
          open={open}
          selected={idOf(selected)}
          onOpen={onOpen}
          onSelect={(node) => {
            if (node.stage) navigate(href('api', { uniqueId: node.stage.uniqueId }));
            else if (node.query) onSelect(node.query);
          }}
          mayOpen={({ children }) => children.length > 0}
          draw={(node) => <Node node={node} />}
        />
      )}
    </Loaded>
  );
}

function Node({ node: { kind, label, note, stage } }: { readonly node: EstateNode }) {
  return (
    <>
      <span class={kind === 'account' ? 'mono label' : 'label'} title={label}>
        {label}
      </span>
      {stage && stage.state !== 'listed' && <Badge of={listingStates[stage.state]} />}
      {note !== '' && <span class="faint small">{note}</span>}
    </>
  );
}

function idOf({ account, region }: EstateTreeProps['selected']): string | undefined {
  if (account === undefined) return undefined;
  return region === undefined ? `account/${account}` : `region/${account}/${region}`;
}
