import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkout } from '../bootstrap/checkout.mjs';
import { dashboardFiles } from './files.mjs';

test.each(Object.keys(dashboardFiles))('%s is what the code says; else: npm run dashboards', (path) =>
  expect(readFileSync(join(checkout, path), 'utf8')).toBe(dashboardFiles[path]),
);

test.each(Object.keys(dashboardFiles))(
  '%s: panels do not lie over each other, and each has its title once',
  (path) => {
    const { panels } = JSON.parse(dashboardFiles[path] ?? '');
    const cells = panels.flatMap((/** @type {any} */ { gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    const titles = panels.map((/** @type {any} */ { title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  },
);
