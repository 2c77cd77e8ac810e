/** A process that serves the console, and who may look at it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgentProcess, tail, type AgentProcess, type Program } from '../support/agent-process.ts';
import { eventually } from '../support/eventually.ts';
import type { Person } from './chromium.ts';

export const integration = 'b1d2c3e4-6f0e-4c3b-8a57-0f5d5c2f9a99';
export const operator: Person = { user: 'ada', password: 'operators-password' };
export const viewer: Person = { user: 'vic', password: 'viewers-password' };
/** What takes 15 minutes takes 15 seconds. */
export const timeScale = 60;
export const provider = 'gravitee_integration_providers_0';

/**
 * A process that serves the console, and where.
 * @param env its settings; without a controller and AWS in it nobody serves their addresses
 */
export async function startConsole(
  stack: AsyncDisposableStack,
  program: Program,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly agent: AgentProcess; readonly url: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'console-'));
  stack.defer(() => rmSync(folder, { recursive: true }));
  const agent = startAgentProcess({
    program,
    cwd: folder,
    env: {
      gravitee_services_core_http_port: '0',
      [`gravitee_services_core_http_authentication_users_${operator.user}`]: operator.password,
      [`gravitee_services_core_http_authentication_users_${viewer.user}`]: viewer.password,
      gravitee_federation_sealingKey: randomBytes(32).toString('base64'),
      gravitee_federation_console_enabled: 'true',
      gravitee_federation_console_port: '0',
      gravitee_federation_console_operators: operator.user,
      gravitee_integration_connector_ws_endpoints_0: 'ws://127.0.0.1:9',
      [`${provider}_type`]: 'aws-api-gateway',
      [`${provider}_integrationId`]: integration,
      [`${provider}_configuration_region`]: 'eu-west-1',
      [`${provider}_configuration_endpointUrl`]: 'http://127.0.0.1:9',
      FEDERATION_TEST_TIME_SCALE: String(timeScale),
      ...env,
    },
  });
  stack.defer(() => agent.end('SIGKILL').then(() => undefined));
  const url = await eventually(
    'the console to say where it is',
    () => {
      const line = agent.log().find(({ msg }) => msg === 'the console listens');
      return line && String(line['url']);
    },
    { giveUp: () => (agent.running() ? undefined : `it ended: ${tail(agent.log(), 5)}`) },
  );
  return { agent, url };
}
