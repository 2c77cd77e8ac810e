/** What a command gets, and how the options are declared. */
import type { Client } from './client.ts';

export interface Run {
  readonly client: Client;
  /** Words after the command. */
  readonly words: readonly string[];
  readonly options: Options;
  readonly out: (text: string) => void;
  /** Progress and hints, which are not part of the result. */
  readonly note: (text: string) => void;
  /** Asks the person at the terminal; undefined: there is none. */
  readonly ask?: (question: string) => Promise<string>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export type Options = Readonly<Record<string, string | boolean | undefined>>;

export interface Command {
  /** The words that name it: `subscriptions show`. */
  readonly name: string;
  /** What follows the name, such as `<id>`. */
  readonly takes?: string;
  /** One sentence. */
  readonly says: string;
  /** Names of options that it takes besides those of all commands, from `optionTexts`. */
  readonly options: readonly (keyof typeof optionTexts)[];
  /** @returns whether all is well; false: exit code 1 */
  readonly run: (run: Run) => Promise<boolean>;
}

/** Every option: whether a value follows, and what it does. */
export const optionTexts = {
  integration: ['id', 'only this integration'],
  account: ['id', 'only this AWS account'],
  region: ['name', 'only this region'],
  state: ['state', 'only in this state'],
  search: ['words', 'only rows that have all of these words'],
  limit: ['n', 'at most so many rows; 100 when absent'],
  kind: ['kind', 'only events of this kind: api, subscription, link, scan, receipt, operator'],
  subscription: ['id', 'only events about this subscription'],
  api: ['unique id', 'only events about this API'],
  csv: ['', 'as CSV instead of JSON lines'],
  events: ['', 'the audit trail instead of the subscriptions'],
  'needs-person': ['', 'only those that wait for a person'],
  all: ['', 'read the stages of all APIs, also of those that have not changed for long'],
  aws: ['', 'also look in AWS for what the catalog does not have; only for operators'],
  filter: ['expression', 'tries this filter in place of the configured one, and changes nothing'],
  watch: ['', 'show the progress until it is done'],
  follow: ['', 'go on with events as they happen'],
  apply: ['', 'delete the orphans that the agent provably made, after a question'],
  'skip-plans': ['', 'do not look whether each key is in its usage plan, which takes a call of AWS per key'],
  yes: ['', 'do not ask whether it is meant'],
} as const;

/** The text of an option; undefined when it is absent. */
export function textOption(options: Options, name: keyof typeof optionTexts): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A result for machines, or for people. */
export function print(run: Run, value: unknown, forPeople: () => string): void {
  run.out(run.options['json'] === true ? `${JSON.stringify(value, null, 2)}\n` : forPeople());
}
