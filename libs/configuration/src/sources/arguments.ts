/** The command line of a service. */
import { parseArgs } from 'node:util';
import { ConfigurationError, describeError } from '@federation-agent/base';

export interface Arguments {
  readonly help: boolean;
  readonly version: boolean;
  readonly printConfig: boolean;
  /** YAML files; later ones override. Undefined: not given. */
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
        'print-config': { type: 'boolean', default: false },
      },
    });
    return {
      help: values.help,
      version: values.version,
      printConfig: values['print-config'],
      config: values.config?.flatMap(fileNames),
    };
  } catch (error) {
    throw new ConfigurationError([`${describeError(error)}; --help names the options`]);
  }
}

/**
 * The files that `-Dgravitee.conf=` names in `JDK_JAVA_OPTIONS`, where the official chart puts the path of its file. It
 * reads the variable like the JVM: options are separated by blanks, quotes surround what has blanks, and the last
 * option counts.
 */
export function javaOptionFiles(options: string): readonly string[] {
  const words = options.match(/(?:"[^"]*"|'[^']*'|\S)+/gu) ?? [];
  const named = words
    .map((word) => word.replaceAll(/["']/gu, ''))
    .filter((word) => word.startsWith('-Dgravitee.conf='));
  return fileNames(named.at(-1)?.slice('-Dgravitee.conf='.length) ?? '');
}

/** File names separated by commas. */
export function fileNames(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}
