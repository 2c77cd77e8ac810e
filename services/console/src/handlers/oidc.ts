import { createFailedLogins } from '@federation-agent/service-kit';
import { ApiProblem } from '../http/api-error.ts';
import { isSecured } from '../http/cookies.ts';
import type { Handlers } from '../http/handlers.ts';
import { sessionCookie } from '../http/sessions.ts';
import { nameOf, rolesOf } from '../oidc/claims.ts';
import type { OidcLogin } from '../oidc/login.ts';
import { loginCookie } from '../oidc/pending-logins.ts';
import type { ConsoleParts } from '../parts.ts';

const notBegun =
  'this login was not begun in this browser within the last 10 minutes, or it is over already: log in again';

export function oidcHandlers(parts: ConsoleParts): Pick<Handlers, 'beginOidc' | 'finishOidc'> {
  const { context, people, sessions, oidc } = parts;
  const { log } = context.telemetry;
  const secured = isSecured(context.config);
  const failures = createFailedLogins();
  const now = (): number => context.clock.now();
  const configured = (): OidcLogin => {
    if (oidc) return oidc;
    throw new ApiProblem(404, 'no OpenID provider is configured: federation.console.oidc.issuer');
  };
  const failed = (address: string, error: unknown): void => {
    if (!(error instanceof ApiProblem)) return;
    // What the provider's absence prevents is no wrong try.
    if (error.status !== 503) failures.failed(address, now());
    log.warn({ address, reason: error.message }, 'a login with the OpenID provider failed');
  };

  return {
    beginOidc: async ({ body, address }, reply) => {
      const { provider, logins } = configured();
      try {
        const { url, checks } = await provider.begin();
        const id = logins.open({ checks, returnTo: body.returnTo });
        void reply.header('set-cookie', loginCookie(id, secured));
        return { url };
      } catch (error) {
        failed(address, error);
        throw error;
      }
    },
    finishOidc: async ({ body: { query }, address, session, pendingLogin }, reply) => {
      const { provider, logins, settings } = configured();
      const waitMs = failures.waitMs(address, now());
      if (waitMs > 0) {
        const seconds = Math.ceil(waitMs / 1_000);
        void reply.header('retry-after', seconds);
        throw new ApiProblem(429, `too many failed logins from this address; try again in ${seconds} s`);
      }
      try {
        const login = logins.take(pendingLogin, new URLSearchParams(query).get('state'));
        if (!login) throw new ApiProblem(401, notBegun);
        const claims = await provider.finish(query, login.checks);
        const user = nameOf(claims, settings);
        const role = people.roleAtProvider(user, rolesOf(claims, settings));
        if (role === undefined) throw new ApiProblem(403, `${user} may not look: ${noRole}`);
        sessions.close(session);
        const opened = sessionCookie(sessions.open({ user, role }), secured);
        void reply.header('set-cookie', [opened, loginCookie(undefined, secured)]);
        if (user === claims.sub && settings.userClaim !== 'sub')
          log.warn(
            { user },
            `the OpenID provider does not tell ${settings.userClaim}: sub is the name instead`,
          );
        return { returnTo: login.returnTo };
      } catch (error) {
        failed(address, error);
        throw error;
      }
    },
  };
}

const noRole = 'none of the roles that the OpenID provider tells is in federation.console.oidc.viewerRoles';
