/** `npm run dashboards`: writes the dashboards of Grafana that are made from scripts/dashboards. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { dashboardFiles } from './dashboards/files.mjs';

for (const [path, text] of Object.entries(dashboardFiles)) {
  writeFileSync(join(checkout, path), text);
  console.log(path);
}
