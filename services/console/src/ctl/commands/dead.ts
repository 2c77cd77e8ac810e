import { DeadLetterDetail, DeadLetters, Done } from '../../api/index.ts';
import { CtlError } from '../ctl-error.ts';
import { print, type Command, type Run } from '../run.ts';
import { age, facts, iso, printable, table } from '../text.ts';

export const dead: readonly Command[] = [
  {
    name: 'dead list',
    says: 'lists messages that nobody could handle, newest first',
    options: [],
    run: async (run) => {
      const found = await run.client.get('/api/dead', DeadLetters);
      print(run, found, () => {
        const rows = found.letters.map((one) => [
          one.sequence,
          one.stream,
          age(one.at, run.now()),
          one.deliveries,
          one.notReplayable === undefined ? 'yes' : 'no',
          one.reason,
        ]);
        return table(['number', 'stream', 'age', 'deliveries', 'replay', 'reason'], rows);
      });
      return true;
    },
  },
  {
    name: 'dead show',
    takes: '<number>',
    says: 'shows one of them, with what it says',
    options: [],
    run: async (run) => {
      const letter = await run.client.get(placeOf(run), DeadLetterDetail);
      print(
        run,
        letter,
        () =>
          `${facts([
            ['number', letter.sequence],
            ['at', iso(letter.at)],
            ['subject', letter.subject],
            ['reason', letter.reason],
            ['replay', letter.notReplayable ?? letter.replay],
            ['drop', letter.discard],
          ])}\n${printable(letter.data)}\n`,
      );
      return true;
    },
  },
  change('replay', 'replay', 'sends the message again, and removes the letter'),
  change('drop', 'discard', 'removes the letter'),
];

function change(verb: string, path: string, says: string): Command {
  return {
    name: `dead ${verb}`,
    takes: '<number>',
    says,
    options: [],
    run: async (run) => {
      const done = await run.client.post(`${placeOf(run)}/${path}`, Done);
      print(run, done, () => `${done.message}\n`);
      return true;
    },
  };
}

function placeOf({ words }: Run): string {
  const [number = ''] = words;
  if (!/^\d+$/u.test(number))
    throw new CtlError('usage', 'the number of a dead letter is missing; `dead list` shows it');
  return `/api/dead/${number}`;
}
