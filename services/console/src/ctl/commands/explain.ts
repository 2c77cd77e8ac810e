import { Explanation } from '../../api/index.ts';
import { CtlError } from '../ctl-error.ts';
import { print, textOption, type Command } from '../run.ts';
import { printable } from '../text.ts';

export const explain: Command = {
  name: 'explain',
  takes: '<unique id>',
  says: 'says what stage, include, exclude and filter make of an API; exit code 1 when they leave it out',
  options: ['filter'],
  run: async (run) => {
    const asked = run.words.join(' ');
    if (asked === '')
      throw new CtlError('usage', 'explain needs the unique id of an API; catalog lists them');
    const filter = textOption(run.options, 'filter');
    const path = `/api/estate/${encodeURIComponent(asked)}/explanation`;
    const answer = await run.client.get(path, Explanation, { filter });
    print(run, answer, () => forPeople(answer));
    return answer.keys.every(({ passes }) => passes);
  },
};

function forPeople({ name, uniqueId, keys, comparisons, trial }: Explanation): string {
  const yes = (passes: boolean): string => (passes ? 'passes' : 'left out');
  const lines = [
    `${name} (${uniqueId})`,
    ...(keys.length === 0 ? ['Nothing is filtered: neither stage, include, exclude nor filter is set.'] : []),
    ...keys.flatMap(({ key, value, passes }) => [
      `${yes(passes)} by ${key}: ${value}`,
      ...(key === 'filter'
        ? comparisons.map(
            (one) => `  ${one.passes ? 'true ' : 'false'}  ${one.text}   (it is ${seenOf(one.seen)})`,
          )
        : []),
    ]),
    ...(trial
      ? [
          `Of the catalog ${trial.passesThen} stages would pass, ${trial.passesNow} do now: ${trial.gained} more, ${trial.lost} fewer.`,
        ]
      : []),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function seenOf(seen: readonly string[]): string {
  return seen.length === 0 ? 'not there' : seen.map((value) => JSON.stringify(value)).join(', ');
}
