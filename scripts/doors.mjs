/** A part of `npm run lint`: what each package may import, see `lint/arrows.mjs`. */
import { checkout } from './bootstrap/checkout.mjs';
import { pastDoors } from './lint/doors.mjs';
import { sourcesOf } from './lint/sources.mjs';

const wrong = pastDoors(checkout, sourcesOf(checkout));
for (const line of wrong) console.error(line);
process.exitCode = wrong.length === 0 ? 0 : 1;
