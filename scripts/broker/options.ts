/** The arguments of `npm run broker:users`. */
import { parseArgs } from 'node:util';
import { brokerKeys } from '@federation-agent/contracts';

const forms = ['plain', 'nkeys', 'creds'] as const;
type Form = (typeof forms)[number];

export interface UsersOptions {
  readonly form: Form;
  readonly namespace: string;
  readonly domain?: string;
  /** One user for the agent in one process, in place of one for each service. */
  readonly agent: boolean;
  /** The users stand in an account of this name, in place of the server's only one. */
  readonly account?: string;
  /** Where seeds or credentials are written. */
  readonly out?: string;
  /** A file with the seed of the account, or of a signing key of it. */
  readonly accountSeed?: string;
  /** The public key of the account, where `accountSeed` is that of a signing key. */
  readonly accountKey?: string;
  /** New seeds or credentials in place of those that are there. */
  readonly rotate: boolean;
}

/** What was said on the command line cannot be used; the message says which part. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export const help = `npm run broker:users -- [options]: users of a NATS server that is shared, one for each service with exactly its subjects

  --form plain      (default) prints them for the configuration of nats-server; passwords are variables such as
                    $GATEWAY_LINK_PASSWORD, defined by the environment of the server, or above in the same file
  --form nkeys      prints them with public keys; writes the seeds into --out, one file each
  --form creds      writes a .creds file for each into --out, signed by the account in --account-seed; prints nothing
                    for the server, which needs max_control_line: 16KB

  --namespace NAME  federation.broker.namespace (default federation-agent)
  --domain NAME     federation.broker.domain
  --agent           one user for the agent in one process, in place of one for each service
  --account NAME    plain, nkeys: in an account of this name with JetStream, in place of the server's only one
  --out FOLDER      nkeys, creds: made if need be; what is there stays, so that it may be run again
  --rotate          nkeys, creds: makes new ones in place of those that are there
  --account-seed FILE   creds: seed of the account (SA...), or of a signing key of it
  --account-key KEY     creds: public key of the account (A...), where the seed is that of a signing key
  -h, --help        this text

How keys are changed without a break: docs/broker.md, "Users".`;

/** @returns undefined when only the help is wanted. @throws UsageError */
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
