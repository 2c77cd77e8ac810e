/** `npm run broker:users`: prints the server's configuration on stdout, and which files it wrote on stderr. */
import { help, readOptions, UsageError } from './options.ts';
import { controlLine, credsIn, nkeysIn, type Written } from './secrets.ts';
import { byPassword, serverConfig } from './server-config.ts';
import { usersOf } from './users.ts';

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(help);
  else await write(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`broker:users: ${error.message}; see npm run broker:users -- --help`);
  process.exitCode = 2;
}

async function write(options: NonNullable<ReturnType<typeof readOptions>>): Promise<void> {
  const users = usersOf(options);
  const { form, out = '', rotate } = options;
  if (form === 'plain') {
    process.stdout.write(serverConfig(users, options, byPassword));
  } else if (form === 'nkeys') {
    const { keys, written } = nkeysIn(out, users, rotate);
    process.stdout.write(serverConfig(users, options, ({ name }) => `nkey: ${keys.get(name) ?? ''}`));
    say(written);
  } else {
    say(await credsIn(out, users, options));
    console.error(
      `The NATS server needs max_control_line: ${controlLine}, or more: with its default it refuses credentials of this length.`,
    );
  }
}

function say(written: readonly Written[]): void {
  for (const { file, made } of written) console.error(`${file}: ${made ? 'written' : 'kept'}`);
}
