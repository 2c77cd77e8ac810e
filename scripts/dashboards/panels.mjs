/**
 * Panels of Grafana as values: what is asked, and how it is shown. Positions and ids are given by `dashboard`.
 *
 * @typedef {{ expr: string, legend?: string, exemplars?: boolean, instant?: boolean }} Query
 * @typedef {object} Panel
 * @property {'timeseries' | 'stat' | 'table' | 'row'} type
 * @property {string} title
 * @property {string} [description]
 * @property {Query[]} queries
 * @property {number} width of 24
 * @property {number} height
 * @property {string} [unit] as Grafana names it: s, reqps, short
 * @property {Record<string, unknown>} [defaults] of every field
 * @property {Record<string, unknown>} [options]
 */

/** The data source in the provisioning of the compose stack; another can be chosen at the top of the dashboard. */
const datasource = { type: 'prometheus', uid: '${datasource}' };

/** Green at 0, red from 1 on. */
export const noneIsGood = steps([null, 'green'], [1, 'red']);
/** Red at 0, green from 1 on. */
export const oneIsGood = steps([null, 'red'], [1, 'green']);

/** @param {...[number | null, string]} pairs */
function steps(...pairs) {
  return { thresholds: { mode: 'absolute', steps: pairs.map(([value, color]) => ({ value, color })) } };
}

/** @param {string} title @param {Query[]} queries @param {Partial<Panel>} [more] @returns {Panel} */
export const lines = (title, queries, more = {}) => ({
  type: 'timeseries',
  title,
  queries,
  width: 12,
  height: 8,
  options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  ...more,
});

/** The last value, large. @param {string} title @param {Query} query @param {Partial<Panel>} [more] @returns {Panel} */
export const figure = (title, query, more = {}) => ({
  type: 'stat',
  title,
  queries: [{ ...query, instant: true }],
  width: 4,
  height: 5,
  options: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background', textMode: 'value_and_name' },
  ...more,
});

/** @param {string} where of the labels @returns {Query[]} */
export const repliesByResult = (where) => [
  {
    expr: `sum by (type, status, outcome) (rate(federation_link_replies_total{${where}}[$__rate_interval]))`,
    legend: '{{type}} {{status}} {{outcome}}',
  },
];

/** @param {string} where of the labels @returns {Query[]} */
export const replyTimes = (where) =>
  [0.5, 0.95].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (type, le) (rate(federation_link_command_seconds_bucket{${where}}[$__rate_interval])))`,
    legend: `{{type}} p${quantile * 100}`,
    exemplars: true,
  }));

export const namespaceVariable = {
  name: 'namespace',
  label: 'Namespace',
  query: 'label_values(federation_build_info, namespace)',
  all: true,
};

/** @param {string} title @returns {Panel} */
export const row = (title) => ({ type: 'row', title, queries: [], width: 24, height: 1 });

/**
 * @typedef {{ name: string, label: string, query: string, all: boolean }} Variable values of a label, from this query
 *
 * @param {{ uid: string, title: string, description: string, variables: Variable[], panels: Panel[] }} parts
 * @returns {Record<string, unknown>} as Grafana imports it
 */
export const dashboard = ({ uid, title, description, variables, panels }) => ({
  uid,
  title,
  description,
  tags: ['federation-agent'],
  schemaVersion: 41,
  editable: true,
  graphTooltip: 1,
  refresh: '30s',
  time: { from: 'now-6h', to: 'now' },
  timezone: 'browser',
  links: [
    {
      type: 'dashboards',
      tags: ['federation-agent'],
      title: 'Federation agent',
      asDropdown: true,
      keepTime: true,
    },
  ],
  templating: {
    list: [
      { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {} },
      ...variables.map(({ name, label, query, all }) => ({
        name,
        label,
        type: 'query',
        datasource,
        query: { query, refId: name },
        refresh: 2,
        sort: 1,
        includeAll: all,
        multi: all,
        ...(all && { allValue: '.*', current: { text: ['All'], value: ['$__all'] } }),
      })),
    ],
  },
  panels: placed(panels),
});

/** Places panels from left to right, then down. @param {Panel[]} panels */
function placed(panels) {
  let [x, y, tallest] = [0, 0, 0];
  return panels.map((panel, index) => {
    if (x + panel.width > 24) [x, y, tallest] = [0, y + tallest, 0];
    const gridPos = { x, y, w: panel.width, h: panel.height };
    [x, tallest] = [x + panel.width, Math.max(tallest, panel.height)];
    if (panel.type === 'row')
      return { id: index + 1, type: 'row', title: panel.title, collapsed: false, gridPos, panels: [] };
    return {
      id: index + 1,
      type: panel.type,
      title: panel.title,
      ...(panel.description !== undefined && { description: panel.description }),
      datasource,
      gridPos,
      fieldConfig: { defaults: { unit: panel.unit ?? 'short', min: 0, ...panel.defaults }, overrides: [] },
      options: panel.options ?? {},
      targets: panel.queries.map(({ expr, legend, exemplars = false, instant = false }, at) => ({
        refId: String.fromCharCode(65 + at),
        datasource,
        expr,
        legendFormat: legend ?? '__auto',
        exemplar: exemplars,
        ...(instant ? { instant: true, range: false } : { range: true }),
        ...(panel.type === 'table' && { format: 'table' }),
      })),
    };
  });
}
