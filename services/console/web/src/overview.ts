import { createContext } from 'preact';
import type { Overview } from '../../src/api/overview.ts';
import type { Resource } from './api/use-resource.ts';

/** The overview, which the navigation and its own page share. */
export const OverviewContext = createContext<Resource<Overview>>({
  value: undefined,
  failure: undefined,
  loadedAt: undefined,
  reload: () => undefined,
});
