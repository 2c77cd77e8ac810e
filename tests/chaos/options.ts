import { parseArgs } from 'node:util';
import { z } from 'zod';

export const help = `npm run chaos -- [options]

Starts the agent as processes between an APIM controller and an API Gateway, lets APIM subscribe, unsubscribe,
discover and ingest at random while processes are killed, stopped and restarted, sockets cut, the broker and the
controller restarted and AWS fails; then lets it settle and checks that nothing was lost, leaked or told. Now and then
one of three accounts hangs alone: DISCOVER is timed then. Beside it runs the agent in one process, with a data folder:
it is killed, and finds a lock in the name of another process.

  --seed N               what is done and when (default: a random one, printed)
  --minutes M            how long things go wrong (default 2)
  --controller KIND      sandbox (default) or real: Gravitee's own, which needs JDK 17 and Maven
  --exchange-version V   of the real controller: 2.0.1 (default), 1.9.1, 1.8.3, 1.6.1
  --aws KIND             sandbox (default) or moto, which needs Python and cannot find a lost key again
  --time-scale N         durations of the agent are divided by this (default 20)
  --calm                 no troubles: only the commands of APIM
  --only A,B             only these troubles, by the beginning of their names
  --out FOLDER           timeline, logs of every process, violations (default: a new folder in the temporary one)

Exit code 0: all promises kept; 1: violations, each with its account; 2: wrong options.
A seed repeats the choices, not the moments: two runs are alike, not the same.`;

const Options = z.object({
  seed: z.coerce.number().int().nonnegative(),
  minutes: z.coerce.number().positive(),
  controller: z.enum(['sandbox', 'real']),
  'exchange-version': z
    .string()
    .regex(/^\d+\.\d+\.\d+$/u)
    .optional(),
  aws: z.enum(['sandbox', 'moto']),
  'time-scale': z.coerce.number().min(1),
  calm: z.boolean(),
  only: z.string().optional(),
  out: z.string().optional(),
});
export type Options = z.infer<typeof Options>;

/** The options on the command line, or "help". @throws Error with a sentence for a wrong option */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      minutes: { type: 'string', default: '2' },
      controller: { type: 'string', default: 'sandbox' },
      'exchange-version': { type: 'string' },
      aws: { type: 'string', default: 'sandbox' },
      'time-scale': { type: 'string', default: '20' },
      calm: { type: 'boolean', default: false },
      only: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const read = Options.safeParse(values);
  if (!read.success) {
    const wrong = read.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
    throw new Error(wrong.join('\n'));
  }
  if (read.data['exchange-version'] !== undefined && read.data.controller !== 'real') {
    throw new Error('--exchange-version needs --controller real');
  }
  return read.data;
}
