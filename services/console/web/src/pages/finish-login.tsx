import { useEffect, useState } from 'preact/hooks';
import type { OidcAnswer, OidcDone } from '../../../src/api/session.ts';
import { post, RequestFailed } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import { href } from '../lib/route.ts';
import { Problem } from '../ui/states.tsx';

/** Ends a login: hands the console what the OpenID provider said, and goes to the page that was asked for. */
export function FinishLoginPage() {
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    const answer: OidcAnswer = { query: location.search.slice(1) };
    // The code is good for nothing any more; the history need not have it.
    history.replaceState(null, '', location.pathname);
    post<OidcDone>('/api/login/oidc/finish', answer).then(
      // Loads the document anew, so that no page is shown before it is known who looks.
      ({ returnTo }) => location.replace(returnTo),
      (error: unknown) => {
        if (!(error instanceof RequestFailed)) throw error;
        setFailure({ ...error.failure, title: 'The login did not succeed.' });
      },
    );
  }, []);
  return (
    <main class="alone">
      <h1>Federation agent</h1>
      {failure ? <Problem failure={failure} /> : <p class="loading">Logging in…</p>}
      {failure && <a href={href('overview')}>Log in again</a>}
    </main>
  );
}
