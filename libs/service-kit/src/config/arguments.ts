/** The command line of a service. */
import { parseArgs } from 'node:util';
import { ConfigurationError, describeError } from '../errors.ts';

export interface Arguments {
  readonly help: boolean;
  readonly version: boolean;
  /** YAML files, later ones override. Undefined: not given. */
  readonly config: readonly string[] | undefined;
}

/** @throws ConfigurationError */
export function readArguments(argv: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
        config: { type: 'string', short: 'c', multiple: true },
      },
    });
    return { help: values.help, version: values.version, config: values.config?.flatMap(fileNames) };
  } catch (error) {
    throw new ConfigurationError([describeError(error)]);
  }
}

/** Names with commas between. */
export function fileNames(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}
