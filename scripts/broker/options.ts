/** The arguments of `npm run broker:users`. */
import { parseArgs } from 'node:util';
import { brokerKeys } from '@federation-agent/contracts';

const forms = ['plain', 'nkeys', 'creds'] as const;
type Form = (typeof forms)[number];

export interface UsersOptions {
  readonly form: Form;
  readonly namespace: string;
  readonly domain?: string;
  /** One user for the agent as one process, instead of one for each service. */
  readonly agent: boolean;
  /** Put the users into an account of this name instead of the server's only one. */
  readonly account?: string;
  /** The folder for seeds or credentials. */
  readonly out?: string;
  /** A file with the seed of the account, or of one of its signing keys. */
  readonly accountSeed?: string;
  /** The public key of the account, when `accountSeed` is from a signing key. */
  readonly accountKey?: string;
  /** Replace existing seeds or credentials with new ones. */
  readonly rotate: boolean;
}

/** The command line is wrong; the message says where. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export const help = `npm run broker:users -- [options]: makes users for a NATS server, one for each service with exactly its subjects

  --form plain      (default) prints them for the configuration of nats-server; passwords are variables such as
                    $GATEWAY_LINK_PASSWORD, set in the environment of the server, or above in the same file
  --form nkeys      prints them with public keys; writes the seeds into --out, one file each
  --form creds      writes a .creds file for each into --out, signed by the account in --account-seed; prints nothing
                    for the server, which needs max_control_line: 16KB

  --namespace NAME  federation.broker.namespace (default federation-agent)
  --domain NAME     federation.broker.domain
  --agent           one user for the agent as one process, instead of one for each service
  --account NAME    plain, nkeys: in an account of this name with JetStream, instead of the server's only one
  --out FOLDER      nkeys, creds: created if needed; existing files stay, so the command may be run again
  --rotate          nkeys, creds: replaces existing files with new ones
  --account-seed FILE   creds: seed of the account (SA...), or of one of its signing keys
  --account-key KEY     creds: public key of the account (A...), when the seed is from a signing key
  -h, --help        this text

How keys are changed without a break: docs/broker.md, "Users".`;

/** @returns undefined when only the help is asked for. @throws UsageError */
export function readOptions(argv: readonly string[]): UsersOptions | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  const { namespace, domain, out, account } = values;
  const form = forms.find((one) => one === values.form);
  if (form === undefined) throw new UsageError(`--form: one of ${forms.join(', ')}, not ${values.form}`);
  for (const [option, value, schema] of [
    ['--namespace', namespace, brokerKeys.shape.namespace],
    ['--domain', domain, brokerKeys.shape.domain],
  ] as const) {
    const read = schema.safeParse(value);
    if (value !== undefined && !read.success)
      throw new UsageError(`${option}: ${read.error.issues[0]?.message ?? 'cannot be used'}`);
  }
  if (form !== 'plain' && out === undefined) throw new UsageError(`--form ${form} needs --out FOLDER`);
  const accountSeed = values['account-seed'];
  if (form === 'creds' && accountSeed === undefined)
    throw new UsageError('--form creds needs --account-seed FILE');
  const accountKey = values['account-key'];
  return {
    form,
    namespace,
    agent: values.agent,
    rotate: values.rotate,
    ...(domain !== undefined && { domain }),
    ...(account !== undefined && { account }),
    ...(out !== undefined && { out }),
    ...(accountSeed !== undefined && { accountSeed }),
    ...(accountKey !== undefined && { accountKey }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        form: { type: 'string', default: 'plain' },
        namespace: { type: 'string', default: 'federation-agent' },
        domain: { type: 'string' },
        agent: { type: 'boolean', default: false },
        account: { type: 'string' },
        out: { type: 'string' },
        rotate: { type: 'boolean', default: false },
        'account-seed': { type: 'string' },
        'account-key': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
