/**
 * Checks what deploy/k8s/make-secrets.sh makes: against what the pods refer to, and against the purpose of each value.
 */
import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { given, madeSecrets, script } from './made-secrets.mjs';
import { namespace, workloadsOf } from './objects.mjs';
import { referencesOf } from './references.mjs';
import { waysOf } from './ways.mjs';

/** @typedef {import('../checks/types.d.ts').Context} Context */

/** Passwords for a NATS server elsewhere; its owner chooses their form. */
const passwords = {
  GATEWAY_LINK_PASSWORD: '1-of-a-nats-elsewhere',
  AWS_DISCOVERY_PASSWORD: '2-of-a-nats-elsewhere',
  SUBSCRIPTION_MANAGER_PASSWORD: '3-of-a-nats-elsewhere',
  CONSOLE_PASSWORD: '4-of-a-nats-elsewhere',
};

/** @param {boolean} holds @param {string} otherwise */
const assertThat = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};

/** @param {Context} context @returns {Promise<string>} */
export const checkSecrets = async (context) => {
  const { must, tool, run } = context;
  await must(tool('shellcheck'), [script]);
  const ways = await waysOf(context);

  const watched = await watchedKubectl(context);
  const scaled = await madeSecrets(watched.context, ['scaled']);
  const known = [...Object.values(scaled).flatMap(Object.values), ...Object.values(given)];
  const args = await readFile(watched.log, 'utf8');
  assertThat(
    args.includes('federation-agent-apim') && !known.some((value) => args.includes(value)),
    `a value is an argument of kubectl:\n${args}`,
  );

  const made = {
    single: await madeSecrets(context, ['single']),
    scaled,
    existing: await madeSecrets(context, ['scaled', '--existing-nats'], { ...given, ...passwords }),
  };
  for (const [name, { overlay, components, objects }] of Object.entries(ways)) {
    const secrets = components.includes('existing-nats')
      ? made.existing
      : made[/** @type {'single'} */ (overlay)];
    for (const { spec } of workloadsOf(objects))
      for (const { kind, name: secret, keys } of referencesOf(spec.template.spec))
        assertThat(
          kind !== 'Secret' || (secret in secrets && keys.every((key) => key in (secrets[secret] ?? {}))),
          `${name}: the Secret ${secret} with ${keys.join(', ')} is not made`,
        );
  }
  assertThat(
    Object.keys(made.single).join() === 'federation-agent-apim,federation-agent-aws,federation-agent-console',
    'single has more',
  );
  assertThat(
    !('federation-agent-nats' in made.existing),
    'there are passwords for a server that is not there',
  );

  assertThat(
    scaled['federation-agent-apim']?.['authorization'] === `bearer ${given.APIM_TOKEN}`,
    'no bearer token',
  );
  const sealingKey = scaled['federation-agent-sealing-key']?.['sealingKey'] ?? '';
  assertThat(Buffer.from(sealingKey, 'base64').length === 32, 'the sealing key has not 32 bytes');
  const again = await madeSecrets(context, ['scaled'], { APIM_TOKEN: 'x' });
  assertThat(!('federation-agent-aws' in again), 'there is a Secret for AWS without a user');
  assertThat(
    again['federation-agent-sealing-key']?.['sealingKey'] !== sealingKey,
    'the sealing key is always one',
  );
  const users = Object.entries(scaled['federation-agent-broker'] ?? {});
  for (const [service, password] of users) {
    const variable = `${service.toUpperCase().replaceAll('-', '_')}_PASSWORD`;
    assertThat(
      scaled['federation-agent-nats']?.[variable] === password,
      `${service}: the server has another password`,
    );
    assertThat(
      /^[A-Za-z][A-Za-z0-9]{40,}$/.test(password),
      `${service}: its password is no letter and letters`,
    );
  }
  assertThat(
    users.length === 4 && new Set(users.map(([, password]) => password)).size === 4,
    'not a password for each',
  );
  certificateHolds(scaled['federation-agent-nats-tls'] ?? {});

  const without = await run(script, ['scaled', '--dry-run'], { env: { PATH: process.env['PATH'] } });
  assertThat(
    /APIM_TOKEN is not set/.test(without.stderr) && without.code !== 0,
    `no token: ${without.stderr}`,
  );
  return `${Object.keys(scaled).length} Secrets for scaled, ${Object.keys(made.single).length} for single; all that pods refer to`;
};

/**
 * A kubectl that writes its arguments down.
 * @param {Context} context
 */
const watchedKubectl = async (context) => {
  const folder = join(context.scratch, 'watched');
  const log = join(folder, 'arguments');
  await mkdir(folder);
  const real = context.tool('kubectl');
  await writeFile(join(folder, 'kubectl'), `#!/bin/sh\necho "$@" >> '${log}'\nexec '${real}' "$@"\n`);
  await chmod(join(folder, 'kubectl'), 0o755);
  return { log, context: { ...context, tool: () => join(folder, 'kubectl') } };
};

/** @param {Record<string, string>} files */
const certificateHolds = (files) => {
  const certificate = new X509Certificate(files['tls.crt'] ?? '');
  const authority = new X509Certificate(files['ca.crt'] ?? '');
  assertThat(
    certificate.verify(authority.publicKey) && authority.ca,
    'the authority did not sign the certificate',
  );
  const pods = [0, 1, 2].map((n) => `nats-${n}.nats-headless`);
  for (const host of ['nats', 'nats-headless', ...pods, 'localhost'])
    assertThat(certificate.checkHost(host) === host, `the certificate is not for ${host}`);
  for (const host of ['nats', ...pods].map((name) => `${name}.${namespace}.svc.cluster.local`))
    assertThat(certificate.checkHost(host) === host, `the certificate is not for ${host}`);
  // For a server and for a client, because cluster nodes are both.
  const uses = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
  assertThat(
    uses.every((use) => certificate.keyUsage?.includes(use)),
    `it is for ${certificate.keyUsage} alone`,
  );
};
