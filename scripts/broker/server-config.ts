/** Users in the configuration of nats-server. */
import { permissionBlock } from '@federation-agent/contracts';
import type { UsersOptions } from './options.ts';
import type { BrokerUser } from './users.ts';

/** @param identify how the server recognises a user: a password or a public key, as fields of the user's block */
export function serverConfig(
  users: readonly BrokerUser[],
  { form, account }: UsersOptions,
  identify: (user: BrokerUser) => string,
): string {
  const entries = users.map(
    (user) => `{\n  ${identify(user)}\n  permissions ${indented(permissionBlock(user.permissions))}\n}`,
  );
  const list = `users: [\n${entries.map((entry) => `  ${indented(entry)}`).join('\n')}\n]`;
  const block =
    account === undefined
      ? `authorization {\n  ${indented(list)}\n}`
      : `accounts {\n  ${account} {\n    jetstream: enabled\n    ${indented(indented(list))}\n  }\n}`;
  const variables = users.map(({ variable }) => `$${variable}`).join(', ');
  return [
    '# Made by npm run broker:users: each service with exactly its subjects; what is not allowed is denied.',
    ...(form === 'plain'
      ? [
          `# The passwords ${variables} come from the environment of the server, or are defined above in this file.`,
        ]
      : []),
    block,
    '',
  ].join('\n');
}

export const byPassword = ({ name, variable }: BrokerUser): string =>
  `user: ${JSON.stringify(name)}, password: $${variable}`;

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
