import { useState } from 'preact/hooks';
import type { Login, OidcAddress, OidcStart, Session } from '../../../src/api/session.ts';
import { post, RequestFailed } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import { Problem } from '../ui/states.tsx';

interface LoginProps {
  readonly session: Session;
  readonly onLogin: () => void;
}

/** Leads to the OpenID provider, asks for a user and a password, or says that nobody may look. */
export function LoginPage({ session, onLogin }: LoginProps) {
  return (
    <main class="alone">
      <h1>Federation agent</h1>
      {session.provider !== null && <Provider host={session.provider} />}
      {session.login === 'closed' && (
        <p>
          No user is configured, so nobody may look. Add one to{' '}
          <code>services.core.http.authentication.users</code> in the configuration, or an OpenID provider to{' '}
          <code>federation.console.oidc</code>, and start the agent again.
        </p>
      )}
      {session.login === 'password' && <Form onLogin={onLogin} />}
      <p class="faint small">Version {session.version}</p>
    </main>
  );
}

/** Comes back to the page that was asked for. */
function Provider({ host }: { readonly host: string }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const begin = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const start: OidcStart = { returnTo: location.pathname + location.search };
    setBusy(true);
    setFailure(undefined);
    try {
      const { url } = await post<OidcAddress>('/api/login/oidc', start);
      location.assign(url);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setFailure(error.failure);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void begin(event)}>
      {failure && <Problem failure={failure} />}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Logging in…' : `Log in with ${host}`}
      </button>
    </form>
  );
}

function Form({ onLogin }: { readonly onLogin: () => void }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    const login: Login = { user: text('user'), password: text('password') };
    setBusy(true);
    setFailure(undefined);
    try {
      await post<Session>('/api/login', login);
      onLogin();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const { failure: found } = error;
      setFailure(found.status === 401 ? { ...found, title: 'User and password do not match.' } : found);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>User</span>
        <input name="user" autoComplete="username" required autoFocus />
      </label>
      <label class="field">
        <span>Password</span>
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {failure && <Problem failure={failure} />}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Logging in…' : 'Log in'}
      </button>
    </form>
  );
}
