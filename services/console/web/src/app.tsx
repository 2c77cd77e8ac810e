import { useEffect } from 'preact/hooks';
import type { Session } from '../../src/api/session.ts';
import { loggedOut } from './api/client.ts';
import { useResource } from './api/use-resource.ts';
import { useRoute } from './lib/use-route.ts';
import { ApiPage } from './pages/api.tsx';
import { ConfigurationPage } from './pages/configuration.tsx';
import { DeadLetterPage } from './pages/dead-letter.tsx';
import { DeadLettersPage } from './pages/dead-letters.tsx';
import { DoctorPage } from './pages/doctor.tsx';
import { EstatePage } from './pages/estate.tsx';
import { EventsPage } from './pages/events.tsx';
import { FinishLoginPage } from './pages/finish-login.tsx';
import { LoginPage } from './pages/login.tsx';
import { NowherePage } from './pages/nowhere.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { ScansPage } from './pages/scans.tsx';
import { SubscriptionPage } from './pages/subscription.tsx';
import { SubscriptionsPage } from './pages/subscriptions.tsx';
import { SessionContext } from './session.ts';
import { Shell } from './shell.tsx';
import { Loaded } from './ui/states.tsx';
import type { Route } from './lib/route.ts';

/** The console: asks who is there, then shows the page of the address, or the login. */
export function App() {
  const session = useResource<Session>('/api/session');
  const { value, reload } = session;
  useEffect(() => {
    addEventListener(loggedOut, reload);
    return () => removeEventListener(loggedOut, reload);
  }, [reload]);
  const route = useRoute();
  if (value === undefined) {
    return (
      <main class="alone">
        <Loaded of={session}>{() => null}</Loaded>
      </main>
    );
  }
  if (route?.page === 'finishLogin') return <FinishLoginPage />;
  if (value.role === null) return <LoginPage session={value} onLogin={reload} />;
  return (
    <SessionContext.Provider value={value}>
      <Shell session={value} route={route} onLogout={reload}>
        {/* A page of another address begins anew; another query does not. */}
        <PageOf key={route && route.page + Object.values(route.params).join()} route={route} />
      </Shell>
    </SessionContext.Provider>
  );
}

function PageOf({ route }: { readonly route: Route | undefined }) {
  const { params = {}, query = new URLSearchParams() } = route ?? {};
  switch (route?.page) {
    case 'overview':
      return <OverviewPage />;
    case 'estate':
      return <EstatePage query={query} />;
    case 'api':
      return <ApiPage uniqueId={params['uniqueId'] ?? ''} />;
    case 'scans':
      return <ScansPage />;
    case 'subscriptions':
      return <SubscriptionsPage query={query} />;
    case 'subscription':
      return (
        <SubscriptionPage
          integrationId={params['integrationId'] ?? ''}
          subscriptionId={params['subscriptionId'] ?? ''}
        />
      );
    case 'events':
      return <EventsPage query={query} />;
    case 'dead':
      return <DeadLettersPage />;
    case 'deadLetter':
      return <DeadLetterPage sequence={params['sequence'] ?? ''} />;
    case 'configuration':
      return <ConfigurationPage />;
    case 'doctor':
      return <DoctorPage />;
    case 'finishLogin':
    case undefined:
      return <NowherePage />;
  }
}
