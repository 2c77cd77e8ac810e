/** A part of `npm run lint`: no file may import itself through other files, not even for a type. */
import { checkout } from './bootstrap/checkout.mjs';
import { circlesIn, importsOf } from './lint/circles.mjs';
import { sourcesOf } from './lint/sources.mjs';

const circles = circlesIn(importsOf(checkout, sourcesOf(checkout)));
for (const circle of circles)
  console.error(`these files import each other in a circle: ${[...circle, circle[0]].join(' -> ')}`);
process.exitCode = circles.length === 0 ? 0 : 1;
