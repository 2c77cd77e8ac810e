/** The checks beside jest, in the order they are reported. A command is a file of the checkout with its arguments. */
export const checks = {
  types: [
    [
      'node_modules/typescript/bin/tsc',
      '-p',
      'tsconfig.json',
      '--incremental',
      '--tsBuildInfoFile',
      '.cache/types.tsbuildinfo',
    ],
    // The pages run in a browser, and their tests look into it: they have its types, and nothing else has.
    [
      'node_modules/typescript/bin/tsc',
      '-p',
      'services/console/web/tsconfig.json',
      '--incremental',
      '--tsBuildInfoFile',
      '.cache/types-web.tsbuildinfo',
    ],
    [
      'node_modules/typescript/bin/tsc',
      '-p',
      'tests/console/tsconfig.json',
      '--incremental',
      '--tsBuildInfoFile',
      '.cache/types-console-tests.tsbuildinfo',
    ],
  ],
  // The same as `npm run lint`.
  lint: [
    ['node_modules/oxlint/bin/oxlint', '--deny-warnings'],
    ['scripts/doors.mjs'],
    ['node_modules/knip/bin/knip.js', '--no-progress', '--treat-config-hints-as-errors'],
  ],
  format: [
    [
      'node_modules/prettier/bin/prettier.cjs',
      '--check',
      '--log-level',
      'warn',
      '--cache',
      '--cache-strategy',
      'content',
      '--cache-location',
      '.cache/prettier',
      '.',
    ],
  ],
};

/** Those of a library that need the sandbox stand beside the others of `tests`. */
const besideTheSource = ['libs', 'services', 'sandbox', 'scripts', 'tests/aws-control-plane'];

/** The kinds of tests, by the folders they are in. */
const kinds = {
  unit: besideTheSource,
  integration: besideTheSource,
  e2e: ['tests/e2e'],
  interop: ['tests/interop'],
  smoke: ['libs/broker/src'],
  scale: ['tests/scale'],
  console: ['tests/console'],
};

/** Some kinds, and the tests beside the source, start no service as a process. @param {string} first */
const startsServices = (first) =>
  !['unit', 'integration', 'smoke'].includes(first) &&
  !besideTheSource.some((folder) => first === folder || first.startsWith(`${folder}/`));

/** No part of "everything": a quarter of an hour by itself, and minutes of a browser. */
const elsewhere = ['/tests/scale/', '/tests/console/'];

/**
 * "Everything" plays each theme once: on the real controller with the sandbox AWS, or on both sandboxes where the
 * controller is not at hand. `interop` plays the other pairs too.
 */
const otherPairs = {
  withController: [
    '/tests/interop/sandbox/(channel|crashes|ingest\\.test|reach|subscriptions)',
    '/tests/interop/moto/',
  ],
  without: ['/tests/interop/(controller|moto)/'],
};

/**
 * Eleven processes and more in every world: two worlds at once have too little of two cores.
 * @type {Partial<Record<keyof typeof kinds, string[]>>}
 */
const ownArguments = { scale: ['--maxWorkers', '1'] };

/**
 * What `npm test -- <arguments>` runs.
 * @typedef {object} Plan
 * @property {(keyof typeof checks)[]} checks
 * @property {{ roots: string[], args: string[] } | undefined} jest `roots`: folders of the checkout; none means all
 * @property {boolean | 'oldest'} natsServer is one needed, and the oldest that is supported?
 * @property {boolean} bundles are services run as processes?
 * @property {boolean} interop are JDK, Maven and Python of use?
 *
 * @param {string[]} args a kind of test or a check, then arguments for jest; without either everything runs,
 *   with arguments for jest only (a path, `-t name`) jest alone
 * @param {boolean} realController is the real APIM controller at hand?
 * @returns {Plan}
 */
export const planOf = ([first, ...rest], realController = false) => {
  if (first === undefined) {
    const leftOut = [...elsewhere, ...otherPairs[realController ? 'withController' : 'without']];
    return {
      checks: ['types', 'lint', 'format'],
      jest: { roots: [], args: ['--testPathIgnorePatterns', ...leftOut] },
      natsServer: true,
      interop: true,
      bundles: true,
    };
  }
  if (isIn(checks, first))
    return { checks: [first], jest: undefined, natsServer: false, interop: false, bundles: false };
  const jest = isIn(kinds, first)
    ? { roots: kinds[first], args: [...(ownArguments[first] ?? []), ...rest] }
    : { roots: [], args: [first, ...rest] };
  const natsServer = first === 'smoke' ? 'oldest' : true;
  return {
    checks: [],
    jest,
    natsServer,
    interop: first === 'interop',
    bundles: startsServices(first),
  };
};

/**
 * @template {object} T
 * @param {T} table
 * @param {PropertyKey} key
 * @returns {key is keyof T}
 */
const isIn = (table, key) => Object.hasOwn(table, key);

export const help = `npm test                         everything: types, lint, format, and all tests
npm test -- <kind> [arguments]   one kind of test:
    unit, integration   the tests beside the source: libs, services, sandbox, scripts, and tests/aws-control-plane
                        (they stand together; those that need a broker or a socket use real ones)
    e2e                 the system as processes, in the sandbox
    interop             the scenario suite, also against the real APIM controller and moto (JDK 17, Maven, Python);
                        "everything" plays each theme once, on the real controller where that is at hand
    smoke               the broker's tests on the oldest nats-server that is supported
    console             the console's pages in Chromium, skipped where that is missing; no part of "everything"
    scale               the scenario suite on replicas and a cluster of three nats-servers; no part of "everything"
npm test -- types|lint|format    one check
npm test -- <arguments>          jest with these, such as a path or -t "a name"

What is missing is fetched into this folder: Node 24 (.tools/), the npm packages, a nats-server (.tools/).
With CI=true a missing JDK, Maven, Python or broker is a failure; else what needs it is skipped and says so.
The last line is "N passed, N failed, N skipped"; types, lint and format count as one each.`;
