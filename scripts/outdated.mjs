/** `npm run outdated`: lists every pinned version of this checkout, and whether there is a newer one. */
import { checkout } from './bootstrap/checkout.mjs';
import { giveUp } from './bootstrap/launch.mjs';
import { judge, merged } from './outdated/judge.mjs';
import { readPins } from './outdated/pins.mjs';
import { ask } from './outdated/sources.mjs';

const help = `npm run outdated
  Tells for every pinned version whether there is a newer one: npm packages, the programs of verify:deploy, Node and
  nats-server, images, GitHub actions (also whether the commit belongs to its version). It asks npm, go, pip, apt-cache
  and git with this machine's configuration, and Docker Hub for images. It does not notice the next major version of a
  Go module, which is another module. Node stays on its major version. It does not read requirements-moto.txt and
  pom.xml of tests/interop, or the runners of workflows.
    npm run outdated -- --behind    only what is not the newest
    npm run outdated -- --fail      exit code 1 when something is behind or wrong; otherwise always 0`;

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--fail' && arg !== '--behind')) {
  const asked = args.includes('--help') || args.includes('-h');
  (asked ? console.log : console.error)(help);
  process.exit(asked ? 0 : 2);
}

const pins = merged(await readPins(checkout).catch(giveUp));
/** @type {Map<string, ReturnType<typeof ask>>} */
const asked = new Map();
/** @type {Record<string, number>} */
const counts = {};

const queue = [...pins];
const lane = async () => {
  for (let pin = queue.shift(); pin !== undefined; pin = queue.shift()) {
    const { kind, name } = pin.source;
    const answer = asked.get(`${kind} ${name}`) ?? ask(pin.source);
    asked.set(`${kind} ${name}`, answer);
    const { state, said } = judge(pin, await answer);
    counts[state] = (counts[state] ?? 0) + 1;
    if (state === 'newest' && args.includes('--behind')) continue;
    const { pinned, where } = pin;
    const files = where.length > 2 ? `${where[0]} and ${where.length - 1} more` : where.join(', ');
    console.log(
      `${state.padEnd(13)} ${kind.padEnd(6)} ${name} ${pinned}${said === '' ? '' : `: ${said}`} (${files})`,
    );
  }
};
await Promise.all(Array.from({ length: 4 }, lane));

console.log(
  Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', '),
);
const bad = (counts['behind'] ?? 0) + (counts['wrong'] ?? 0);
process.exitCode = args.includes('--fail') && bad > 0 ? 1 : 0;
