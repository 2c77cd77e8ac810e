/** The dashboards, by the file that Grafana reads. `npm run dashboards` writes the files; a test compares them. */
import { fleet } from './fleet.mjs';
import { integration } from './integration.mjs';

const folder = 'deploy/observability/grafana/dashboards';

/** @type {Record<string, string>} */
export const dashboardFiles = Object.fromEntries(
  Object.entries({ fleet, integration }).map(([name, board]) => [
    `${folder}/${name}.json`,
    `${JSON.stringify(board, null, 2)}\n`,
  ]),
);
