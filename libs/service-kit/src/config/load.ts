import type { AgentConfig, Limits } from '@federation-agent/contracts';

/** A configuration that holds. */
export interface LoadedConfig {
  readonly config: AgentConfig;
  readonly limits: Limits;
  /** Unknown keys and the like, a line each. */
  readonly warnings: readonly string[];
  /** Values of the keys that hold secrets, for redaction. */
  readonly secrets: readonly string[];
}

export interface LoadConfigOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** @throws ConfigurationError with every mistake at once */
export function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  throw new Error(`not here yet: ${options.cwd}`);
}
