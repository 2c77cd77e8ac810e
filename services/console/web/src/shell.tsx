import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Overview } from '../../src/api/overview.ts';
import type { Session } from '../../src/api/session.ts';
import { post } from './api/client.ts';
import { listen, type LiveState } from './api/live.ts';
import { useResource } from './api/use-resource.ts';
import { count } from './lib/numbers.ts';
import { href, type PageName, type Route } from './lib/route.ts';
import { OverviewContext } from './overview.ts';
import { ThemeSwitch } from './theme.tsx';
import { Badge } from './ui/badge.tsx';
import { Icon } from './ui/icons.tsx';

interface ShellProps {
  readonly session: Session;
  readonly route: Route | undefined;
  readonly onLogout: () => void;
  readonly children: ComponentChildren;
}

const pages: readonly { readonly page: PageName; readonly title: string; readonly also?: PageName }[] = [
  { page: 'overview', title: 'Overview' },
  { page: 'estate', title: 'Estate', also: 'api' },
  { page: 'scans', title: 'Scans and ingests' },
  { page: 'subscriptions', title: 'Subscriptions', also: 'subscription' },
  { page: 'events', title: 'Events' },
  { page: 'dead', title: 'Dead letters', also: 'deadLetter' },
  { page: 'configuration', title: 'Configuration' },
  { page: 'doctor', title: 'Doctor' },
];

/** What surrounds each page: the head, the navigation, and whether the page is up to date. */
export function Shell({ session, route, onLogout, children }: ShellProps) {
  const overview = useResource<Overview>('/api/overview', { topics: ['overview', 'subscriptions', 'dead'] });
  const [menu, setMenu] = useState(false);
  const counts = overview.value?.counts;
  const waiting: Partial<Record<PageName, number | undefined>> = {
    subscriptions: counts?.needPerson,
    dead: counts?.deadLetters,
  };
  useEffect(() => setMenu(false), [route]);
  return (
    <OverviewContext.Provider value={overview}>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <button
          type="button"
          class="plain menu"
          aria-expanded={menu}
          aria-controls="navigation"
          aria-label="Menu"
          onClick={() => setMenu(!menu)}
        >
          <Icon name="menu" />
        </button>
        <a class="brand" href={href('overview')}>
          Federation agent
        </a>
        <span class="grow" />
        <Live />
        {session.user !== null && <User session={session} onLogout={onLogout} />}
      </header>
      <nav id="navigation" class={menu ? 'open' : ''} aria-label="Pages">
        <ul>
          {pages.map(({ page, title, also }) => {
            const here = route !== undefined && (route.page === page || route.page === also);
            const needs = waiting[page] ?? 0;
            return (
              <li key={page}>
                <a href={href(page)} aria-current={here ? 'page' : undefined}>
                  {title}
                  {needs > 0 && (
                    <span class="needs">
                      {count(needs)}
                      <span class="unseen"> to look at</span>
                    </span>
                  )}
                </a>
              </li>
            );
          })}
        </ul>
        <p class="version">
          Version {session.version}
          <ThemeSwitch />
        </p>
      </nav>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </OverviewContext.Provider>
  );
}

function User({ session, onLogout }: { readonly session: Session; readonly onLogout: () => void }) {
  return (
    <>
      <span class="user">
        {session.user}
        <span class="faint"> {session.role}</span>
      </span>
      {session.login !== 'none' && (
        <button type="button" onClick={() => void post('/api/logout').finally(onLogout)}>
          Log out
        </button>
      )}
    </>
  );
}

const liveBadges = {
  connecting: { tone: 'busy', word: 'connecting' },
  open: { tone: 'ok', word: 'live', means: 'What is shown changes as it happens.' },
  lost: { tone: 'bad', word: 'not live', means: 'The agent does not answer. What is shown may be old.' },
} as const;

function Live() {
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => listen({ state: setState }), []);
  return (
    <span role="status" class="live">
      <Badge of={liveBadges[state]} />
    </span>
  );
}
