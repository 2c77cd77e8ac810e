/** A part of `npm run lint`: no file imports itself by way of others, not for a type either. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './bootstrap/checkout.mjs';
import { circlesIn, importsOf } from './lint/circles.mjs';

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.mjs', '*.js'], {
  cwd: checkout,
  encoding: 'utf8',
});
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(checkout, file)));
const circles = circlesIn(importsOf(checkout, files));
for (const circle of circles)
  console.error(`these import each other: ${[...circle, circle[0]].join(' -> ')}`);
process.exitCode = circles.length === 0 ? 0 : 1;
