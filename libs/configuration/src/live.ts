/** What of the configuration changes while the process runs: values whose `secret://` reference says `watch`. */
import type { AgentConfig } from '@federation-agent/contracts';

export interface LiveConfig {
  /** What holds now. Only watched secrets differ from what was loaded. */
  current(): AgentConfig;
  /**
   * Tells each change of a watched secret at this path or below it, such as `integration.connector.ws.headers`; both
   * halves of an AWS key that are in one secret come as one change.
   *
   * @returns how to stop
   */
  watch(path: string, onChange: (config: AgentConfig) => void): () => void;
}

/**
 * What is used without a restart: gateway-link dials with new headers and stores, the clients of AWS call with new keys
 * and roles. Whatever else changes is used from the next start on, because whoever needs it has read it once.
 */
const livePaths =
  /^(?:integration\.connector\.ws\.(?:headers|ssl)\b|integration\.providers\[\d+\]\.configuration\.(?:accessKeyId|secretAccessKey|sessionToken|(?:targets\[\d+\]\.)?(?:roleArn(?:\[\d+\])?|externalId))$|cloud\.token$)/u;

/** Whether a change of this key is used at once. */
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
