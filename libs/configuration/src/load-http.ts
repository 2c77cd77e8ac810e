/** Loads only the part that says where the process answers over HTTP. */
import { AgentConfig, type CoreHttpConfig } from '@federation-agent/contracts';
import { ConfigurationError } from '@federation-agent/base';
import { collect } from './sources/collect.ts';
import { configurationFiles, type LoadConfigOptions } from './load.ts';
import { openSources } from './sources/properties.ts';
import { schemaTree } from './description/schema-tree.ts';

/**
 * Used to ask a running process. It reads no secrets and ignores mistakes elsewhere: the running process reports those.
 *
 * @throws ConfigurationError
 */
export async function loadHttpConfig({
  argv,
  env,
  cwd,
}: Pick<LoadConfigOptions, 'argv' | 'env' | 'cwd'>): Promise<CoreHttpConfig> {
  const { properties } = await configurationFiles({ argv, env, cwd });
  const { raw } = collect(schemaTree(AgentConfig), openSources(properties, env));
  const core: unknown = Reflect.get(Object(Reflect.get(Object(raw), 'services')), 'core');
  const read = AgentConfig.safeParse({ services: { core } });
  if (!read.success)
    throw new ConfigurationError(
      read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    );
  return read.data.services.core.http;
}
