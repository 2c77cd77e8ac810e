/**
 * deploy/docker-compose.yml brought up with the sandbox: the images of this checkout, the broker with its users, a real
 * Jaeger and a real Prometheus (Debian's), on podman. Grafana has no stand-in. What docker compose renders is what
 * podman-compose runs.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containers, targets } from '../containers.mjs';
import { freePorts, until } from '../processes.mjs';
import { integration } from '../sandbox-agent.mjs';

/** @typedef {import('./types.d.ts').Context} Context */

const file = 'deploy/docker-compose.yml';
const project = 'verify-stack';
const services = [
  'secrets',
  'nats',
  'gateway-link',
  'aws-discovery',
  'subscription-manager',
  'console',
  'jaeger',
  'prometheus',
  'sandbox',
];
const agent = ['gateway-link', 'aws-discovery', 'subscription-manager', 'console'];

/** Variables of the file that say where it publishes. */
const portNames = /** @type {const} */ ([
  'NATS_PORT',
  'NATS_MONITOR_PORT',
  'GATEWAY_LINK_PORT',
  'AWS_DISCOVERY_PORT',
  'SUBSCRIPTION_MANAGER_PORT',
  'CONSOLE_PORT',
  'JAEGER_PORT',
  'PROMETHEUS_PORT',
  'GRAFANA_PORT',
  'SANDBOX_CONTROL_PORT',
  'SANDBOX_AWS_PORT',
]);

/** @returns {Promise<Record<(typeof portNames)[number], string>>} */
const ports = async () => {
  const free = await freePorts(portNames.length);
  return /** @type {Record<(typeof portNames)[number], string>} */ (
    Object.fromEntries(portNames.map((name, index) => [name, String(free[index])]))
  );
};

/** @param {string} url @returns {Promise<any>} */
const json = async (url) => (await fetch(url)).json();

/** @param {Context} context */
const prepare = async (context) => {
  const { build, bases, standIn } = containers(context);
  await bases();
  for (const target of targets.filter((name) => name !== 'agent')) await build(target);
  await standIn('nats:2.14.6-alpine', context.tool('nats-server'), 'nats-server');
  await standIn('jaegertracing/all-in-one:1.62.0', context.tool('jaeger'), 'all-in-one');
  await standIn('prom/prometheus:v3.5.0', context.tool('prometheus'), 'bin/prometheus');
};

/** @param {Context} context @param {Record<string, string>} ports */
const composeOf = async ({ tool, must, run, scratch, checkout, env }, ports) => {
  const podman = join(scratch, 'podman');
  const script = join(checkout, 'scripts', 'verify', 'images.sh');
  await writeFile(podman, `#!/bin/sh\nexec '${script}' podman "$@"\n`);
  await chmod(podman, 0o755);
  const args = ['--env-file', '/dev/null', '-f', file, '--profile', 'sandbox', 'config', '--format', 'json'];
  const rendered = JSON.parse(await must(tool('docker-compose'), args, { env: { ...env, ...ports } }));
  for (const service of Object.values(rendered.services)) delete service.build;
  const composed = join(scratch, 'compose.json');
  await mkdir(scratch, { recursive: true });
  await writeFile(composed, JSON.stringify(rendered));
  const all = [
    '--podman-path',
    podman,
    '-p',
    project,
    '--in-pod',
    'false',
    '--profile',
    'sandbox',
    '-f',
    composed,
  ];
  return {
    /** @param {string[]} more */
    compose: (...more) => must(tool('podman-compose'), [...all, ...more]),
    /** @param {string[]} more */
    tryCompose: (...more) => run(tool('podman-compose'), [...all, ...more]),
  };
};

/**
 * Traces that have this attribute; a span as `name, service`.
 *
 * @param {string} jaeger
 * @param {string} service
 * @param {Record<string, string>} tags
 */
const tracesWith = async (jaeger, service, tags) => {
  const query = new URLSearchParams({ service, tags: JSON.stringify(tags), limit: '20' });
  const { data = [] } = await json(`${jaeger}/api/traces?${query}`);
  return data.map((/** @type {any} */ trace) =>
    trace.spans.map((/** @type {any} */ span) => ({
      is: `${span.operationName}, ${trace.processes[span.processID].serviceName}`,
      links: span.references.filter((/** @type {any} */ one) => one.refType === 'FOLLOWS_FROM').length,
    })),
  );
};

/**
 * The hops of a SUBSCRIBE as docs/observability.md tells them.
 *
 * @param {Context} context
 * @returns {Promise<string[]>}
 */
const documentedHops = async ({ checkout }) => {
  const page = await readFile(join(checkout, 'docs/observability.md'), 'utf8');
  return [...page.matchAll(/^\|[^|]+\| `([^`]+)`, ([a-z-]+) +\|/gm)].map(
    ([, name, service]) => `${name}, ${service}`,
  );
};

/**
 * What a user looks for in Jaeger: one subscription by its id, one ingest by that of its job.
 * @param {Context} context @param {string} jaeger @param {string} subscription
 */
const lookAtTraces = async (context, jaeger, subscription) => {
  const hops = await documentedHops(context);
  if (hops.length < 6) throw new Error(`docs/observability.md names ${hops.length} hops`);
  /** @type {string[]} */
  let missing = [];
  const whole = async () => {
    const traces = await tracesWith(jaeger, 'gateway-link', { 'gravitee.subscription.id': subscription });
    const lacks = traces.map((/** @type {any[]} */ trace) =>
      hops.filter((hop) => !trace.some(({ is }) => is === hop)),
    );
    missing = lacks.sort((/** @type {any[]} */ a, /** @type {any[]} */ b) => a.length - b.length)[0] ?? hops;
    return missing.length === 0;
  };
  await until('the trace of the subscription', whole).catch((error) => {
    throw new Error(`${error.message}; it lacks ${missing.join('; ')}`);
  });
  const job = async () =>
    (await tracesWith(jaeger, 'aws-discovery', { 'gravitee.integration.id': integration }))
      .flat()
      .some((/** @type {any} */ { is, links }) => is === 'ingest job, aws-discovery' && links > 0);
  await until('an ingest job that links to its START_INGEST', job);
  return `${hops.length} hops of the subscription in one trace, the ingest job links to its command`;
};

/**
 * What an operator does first: the pages, a login with the password that was made, and ctl in the container.
 * @param {(...args: string[]) => Promise<string>} compose @param {string} url
 */
const lookAtConsole = async (compose, url) => {
  const page = await fetch(url);
  if (!page.ok || !(await page.text()).includes('<html'))
    throw new Error(`the console's page: ${page.status}`);
  if ((await fetch(`${url}/api/overview`)).status !== 401)
    throw new Error('the console asks nobody who they are');
  const password = await compose('exec', '-T', 'console', 'cat', '/run/federation-agent/console-password');
  const headers = { authorization: `Basic ${btoa(`admin:${password.trim()}`)}` };
  const chain = async () => {
    const { chain: parts } = await (await fetch(`${url}/api/overview`, { headers })).json();
    return parts.every((/** @type {{ state: string }} */ { state }) => state === 'up');
  };
  await until('the whole chain in the console', chain);
  const ask =
    'FEDERATION_CTL_USER=admin FEDERATION_CTL_PASSWORD=$(cat /run/federation-agent/console-password)';
  await compose('exec', '-T', 'console', 'sh', '-c', `${ask} federation-agent ctl status`);
};

/** @type {import('./types.d.ts').Check[]} */
export const checks = [
  {
    name: 'stack: compose up with the sandbox, the whole job, its trace in Jaeger, the console, all four in Prometheus',
    needs: ['podman', 'docker-compose', 'podman-compose', 'nats-server', 'jaeger', 'prometheus'],
    slow: true,
    alone: true,
    run: async (context) => {
      await prepare(context);
      const at = await ports();
      const { compose, tryCompose } = await composeOf(context, at);
      await tryCompose('down', '-v', '-t', '2');
      try {
        await compose('up', '-d', '--no-build', '--no-deps', ...services);
        const said = async () => (await tryCompose('logs', 'sandbox')).stdout;
        await until('the end of the job', async () => /Every step held|failed /.test(await said()), 120_000);
        if (!(await said()).includes('Every step held')) throw new Error(await said());

        const control = `http://127.0.0.1:${at.SANDBOX_CONTROL_PORT}`;
        const { subscriptions } = await json(`${control}/integrations/${integration}/subscriptions`);
        const subscription = subscriptions[0].id;
        const jaeger = `http://127.0.0.1:${at.JAEGER_PORT}`;
        const traces = await lookAtTraces(context, jaeger, subscription);

        await lookAtConsole(compose, `http://127.0.0.1:${at.CONSOLE_PORT}`);
        const prometheus = `http://127.0.0.1:${at.PROMETHEUS_PORT}/api/v1/query?query=`;
        const up = async () => {
          const { data } = await json(`${prometheus}up`);
          return data.result
            .filter((/** @type {any} */ one) => one.value[1] === '1')
            .map((/** @type {any} */ one) => one.metric.job);
        };
        await until('all four in Prometheus', async () => {
          const jobs = await up();
          return agent.every((name) => jobs.includes(name));
        });
        return `the job held; ${traces}; the console shows the chain`;
      } catch (error) {
        const logs = await tryCompose('logs', '--tail', '15');
        throw new Error(`${/** @type {Error} */ (error).message}\n${logs.stdout}${logs.stderr}`, {
          cause: error,
        });
      } finally {
        await tryCompose('down', '-v', '-t', '2');
      }
    },
  },
];
