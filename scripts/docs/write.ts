import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { documents } from './documents.ts';

for (const [path, make] of Object.entries(documents)) {
  writeFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), await make());
  console.log(path);
}
