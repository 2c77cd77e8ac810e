/** `federation.console.oidc`, when it names a provider. */
import type { AgentConfig, ConsoleConfig } from '@federation-agent/contracts';

type Keys = ConsoleConfig['oidc'];

export interface OidcSettings extends Pick<
  Keys,
  'clientSecret' | 'userClaim' | 'rolesClaim' | 'operatorRoles' | 'viewerRoles' | 'truststore'
> {
  readonly issuer: string;
  readonly clientId: string;
  /** As the provider takes them: one text, with blanks. */
  readonly scope: string;
  /** The page to which the provider sends the browser back; the provider must know it. */
  readonly redirectUri: string;
}

/** The page of the console that ends a login. */
const callbackPage = '/login/callback';

/** Undefined: people log in only with passwords. */
export function oidcSettings({ federation }: AgentConfig): OidcSettings | undefined {
  const { publicUrl, oidc } = federation.console;
  const { issuer, clientId, scopes, ...rest } = oidc;
  // The check of the configuration has asked for all three.
  if (issuer === undefined || clientId === undefined || publicUrl === undefined) return undefined;
  const redirectUri = new URL(callbackPage, publicUrl).href;
  return { ...rest, issuer, clientId, scope: scopes.join(' '), redirectUri };
}
