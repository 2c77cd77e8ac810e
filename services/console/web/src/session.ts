import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from '../../src/api/session.ts';

/** Who looks at the pages. */
export const SessionContext = createContext<Session>({
  user: null,
  role: null,
  login: 'closed',
  provider: null,
  version: '',
});

/** May this person act? The server decides; a page only hides what would be refused. */
export function useIsOperator(): boolean {
  return useContext(SessionContext).role === 'operator';
}
