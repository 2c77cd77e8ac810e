/** The estate as a tree: account > region > API > stage > plan. */
import type { EstatePage, EstateTree, StageRow } from '../../../src/api/estate.ts';
import type { TreeNode } from './tree.ts';

export interface EstateNode extends TreeNode {
  readonly kind: 'account' | 'region' | 'api' | 'stage' | 'plan' | 'more' | 'loading';
  readonly label: string;
  /** Beside the label: numbers, or a state. */
  readonly note: string;
  /** What the table shows when this node is chosen; a stage has a page instead. */
  readonly query?: { readonly account: string; readonly region?: string; readonly restApiId?: string };
  readonly stage?: StageRow;
  readonly children: readonly EstateNode[];
}

/** The region of a node's id, when what is below it must be loaded. */
export function regionOf(id: string): { readonly account: string; readonly region: string } | undefined {
  const [kind, account, region] = id.split('/');
  return kind === 'region' && account !== undefined && region !== undefined ? { account, region } : undefined;
}

/** @param regions what has been loaded of the opened regions, by the id of their node */
export function estateTree(
  tree: EstateTree,
  regions: ReadonlyMap<string, EstatePage>,
): readonly EstateNode[] {
  return tree.accounts.map(({ account, stages, regions: below }) => ({
    id: `account/${account}`,
    kind: 'account',
    label: account,
    note: stages.toLocaleString('en'),
    query: { account },
    children: below.map((one): EstateNode => {
      const id = `region/${account}/${one.region}`;
      const page = regions.get(id);
      return {
        id,
        kind: 'region',
        label: one.region,
        note: one.stages.toLocaleString('en'),
        query: { account, region: one.region },
        children: page === undefined ? [loading(id)] : apisOf(id, page),
      };
    }),
  }));
}

function loading(parent: string): EstateNode {
  return { id: `${parent}/loading`, kind: 'loading', label: 'Loading…', note: '', children: [] };
}

function apisOf(parent: string, { rows, total }: EstatePage): readonly EstateNode[] {
  const byApi = Map.groupBy(rows, ({ integrationId, restApiId }) => `${integrationId}/${restApiId}`);
  const apis = [...byApi].map(([key, stages]): EstateNode => {
    const id = `${parent}/${key}`;
    const [{ account, region, restApiId, name } = first] = stages;
    return {
      id,
      kind: 'api',
      label: name === '' ? restApiId : name,
      note: stages.length === 1 ? '' : String(stages.length),
      query: { account, region, restApiId },
      children: stages.map((stage) => stageNode(id, stage)),
    };
  });
  const left = total - rows.length;
  const more: EstateNode = {
    id: `${parent}/more`,
    kind: 'more',
    label: `${left.toLocaleString('en')} more stages: search the table`,
    note: '',
    children: [],
  };
  return left > 0 ? [...apis, more] : apis;
}

const first = { account: '', region: '', restApiId: '', name: '' };

function stageNode(parent: string, stage: StageRow): EstateNode {
  const id = `${parent}/${stage.stage}`;
  return {
    id,
    kind: 'stage',
    label: stage.stage,
    note: '',
    stage,
    children: stage.plans.map(({ usagePlanId, name, detached }) => ({
      id: `${id}/${usagePlanId}`,
      kind: 'plan',
      label: name === '' ? usagePlanId : name,
      note: detached ? 'detached' : '',
      children: [],
    })),
  };
}
