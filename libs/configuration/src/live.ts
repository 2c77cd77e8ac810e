/** Configuration values that change while the process runs: those whose `secret://` reference says `watch`. */
import type { AgentConfig } from '@federation-agent/contracts';

export interface LiveConfig {
  /** The current configuration. It differs from the loaded one only in watched secrets. */
  current(): AgentConfig;
  /**
   * Calls `onChange` for each change of a watched secret at this path or below it, such as
   * `integration.connector.ws.headers`. When both halves of an AWS key are in one secret, they come as one change.
   *
   * @returns a function that stops this
   */
  watch(path: string, onChange: (config: AgentConfig) => void): () => void;
}

/**
 * What takes effect without a restart: gateway-link dials with new headers and stores, the AWS clients call with new
 * keys and roles. Other changes take effect at the next start, because their readers read them only once.
 */
const livePaths =
  /^(?:integration\.connector\.ws\.(?:headers|ssl)\b|integration\.providers\[\d+\]\.configuration\.(?:accessKeyId|secretAccessKey|sessionToken|(?:targets\[\d+\]\.)?(?:roleArn(?:\[\d+\])?|externalId))$|cloud\.token$)/u;

/** Whether a change of this key takes effect at once. */
export function isLive(path: string): boolean {
  return livePaths.test(path);
}

/** A configuration that can be replaced. */
export interface ReplaceableConfig extends LiveConfig {
  /** @param paths whose values changed */
  replace(config: AgentConfig, paths: readonly string[]): void;
}

export function createLiveConfig(loaded: AgentConfig): ReplaceableConfig {
  let current = loaded;
  const watchers = new Set<{ readonly path: string; readonly onChange: (config: AgentConfig) => void }>();
  return {
    current: () => current,
    watch: (path, onChange) => {
      const watcher = { path, onChange };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    replace: (config, paths) => {
      current = config;
      for (const { path, onChange } of [...watchers]) {
        if (paths.some((changed) => isBelow(changed, path))) onChange(config);
      }
    },
  };
}

function isBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`);
}
