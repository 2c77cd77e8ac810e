/** Of the whole configuration only where the process answers over HTTP. */
import { AgentConfig, type CoreHttpConfig } from '@federation-agent/contracts';
import { ConfigurationError } from '@federation-agent/base';
import { collect } from './sources/collect.ts';
import { configurationFiles, type LoadConfigOptions } from './load.ts';
import { openSources } from './sources/properties.ts';
import { schemaTree } from './description/schema-tree.ts';

/**
 * For asking a process that runs: no secret is read, and mistakes elsewhere are the running process's to tell.
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
