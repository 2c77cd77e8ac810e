/** Checks whether the configuration is valid, and whether every secret in it can be read. */
import { ConfigurationError } from '@federation-agent/base';
import { loadConfig, type LoadedConfig } from '@federation-agent/configuration';
import type { CheckResult } from './result.ts';

export interface ConfigurationSource {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface ConfigurationCheck {
  /** Undefined: the configuration cannot be used. */
  readonly loaded: LoadedConfig | undefined;
  readonly results: readonly CheckResult[];
}

export async function checkConfiguration(source: ConfigurationSource): Promise<ConfigurationCheck> {
  try {
    const loaded = await loadConfig(source);
    return { loaded, results: [...holds(loaded.warnings), secretsRead(loaded)] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { loaded: undefined, results: mistakes(error.lines) };
  }
}

function holds(warnings: readonly string[]): readonly CheckResult[] {
  const good = { check: 'configuration', subject: '' } as const;
  if (warnings.length === 0) return [{ ...good, status: 'ok', detail: 'every key is understood' }];
  return warnings.map((warning) => ({ ...good, status: 'note', detail: warning }));
}

function secretsRead({ secrets }: LoadedConfig): CheckResult {
  const detail = secrets.length === 0 ? 'no key holds one' : `${secrets.length} read, none shown`;
  return { check: 'secrets', subject: '', status: 'ok', detail };
}

function mistakes(lines: readonly string[]): readonly CheckResult[] {
  const failed = lines.map((line): CheckResult => {
    const check = line.includes('secret://') ? 'secrets' : 'configuration';
    const [subject = '', what = ''] = line.split(/: (.*)/su);
    // Shown beside mistakes, because it may be the cause of one; the warning itself says what was probably meant.
    if (what.startsWith('unknown key')) return { check, subject, status: 'note', detail: what };
    return what === ''
      ? { check, subject: '', status: 'failed', detail: line }
      : {
          check,
          subject,
          status: 'failed',
          detail: what,
          fix:
            check === 'secrets'
              ? 'make it readable, or write another value there'
              : `set ${subject.replace(/ \(.*/u, '')}`,
        };
  });
  const missing = (['configuration', 'secrets'] as const).filter(
    (name) => !failed.some(({ check }) => check === name),
  );
  const rest = missing.map((check): CheckResult => ({
    check,
    subject: '',
    status: check === 'configuration' ? 'ok' : 'skipped',
    detail: check === 'configuration' ? 'everything else is understood' : 'the configuration cannot be used',
  }));
  return [...failed, ...rest];
}
