/** A part of `npm run lint`: no file imports itself by way of others, not for a type either. */
import { checkout } from './bootstrap/checkout.mjs';
import { circlesIn, importsOf } from './lint/circles.mjs';
import { sourcesOf } from './lint/sources.mjs';

const circles = circlesIn(importsOf(checkout, sourcesOf(checkout)));
for (const circle of circles)
  console.error(`these import each other: ${[...circle, circle[0]].join(' -> ')}`);
process.exitCode = circles.length === 0 ? 0 : 1;
