/** What the console has when people can log in with an OpenID provider. */
import type { AgentConfig } from '@federation-agent/contracts';
import { internetRoute } from '@federation-agent/net';
import { createPendingLogins, type PendingLogins } from './pending-logins.ts';
import { createProvider, type Provider } from './provider.ts';
import { oidcSettings, type OidcSettings } from './settings.ts';

export interface OidcLogin {
  readonly settings: OidcSettings;
  readonly provider: Provider;
  readonly logins: PendingLogins;
}

/** Asks the provider nothing yet, so that the console starts without it. Undefined: no provider is configured. */
export function createOidcLogin(config: AgentConfig, now: () => number): OidcLogin | undefined {
  const settings = oidcSettings(config);
  if (!settings) return undefined;
  const route = internetRoute(config, process.env);
  return { settings, provider: createProvider(settings, { now, route }), logins: createPendingLogins(now) };
}
