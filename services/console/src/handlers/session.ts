import type { Session } from '../api/index.ts';
import { ApiProblem } from '../http/api-error.ts';
import { isSecured } from '../http/cookies.ts';
import type { Handlers } from '../http/handlers.ts';
import { sessionCookie } from '../http/sessions.ts';
import type { ConsoleParts } from '../parts.ts';
import type { Person } from '../people.ts';

export function sessionHandlers(parts: ConsoleParts): Pick<Handlers, 'session' | 'login' | 'logout'> {
  const { context, people, sessions } = parts;
  const secured = isSecured(context.config);
  const { log } = context.telemetry;
  const shown = (person: Person | undefined): Session => ({
    user: person?.user ?? null,
    role: person?.role ?? null,
    login: people.login,
    provider: people.provider,
    version: context.version,
  });
  return {
    session: ({ person }) => shown(person),
    login: ({ body, address, session }, reply) => {
      if (people.login !== 'password') throw new ApiProblem(400, 'there is nothing to log in to');
      const result = people.admit(body.user, body.password, address);
      if (result.kind === 'too-often') {
        const seconds = Math.ceil(result.waitMs / 1_000);
        void reply.header('retry-after', seconds);
        throw new ApiProblem(429, `too many failed logins from this address; try again in ${seconds} s`);
      }
      if (result.kind !== 'admitted') {
        log.warn({ address }, 'a login to the console failed');
        throw new ApiProblem(401, 'user or password is wrong');
      }
      sessions.close(session);
      const person = { user: body.user, role: people.roleOf(body.user) };
      void reply.header('set-cookie', sessionCookie(sessions.open(person), secured));
      return shown(person);
    },
    logout: ({ session }, reply) => {
      sessions.close(session);
      void reply.header('set-cookie', sessionCookie(undefined, secured));
      return shown(undefined);
    },
  };
}
