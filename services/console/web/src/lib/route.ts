/** The addresses of the pages. The server answers each with the same document, so any link can be kept. */

/** By page, its path; `:name` is a part that varies. */
const paths = {
  overview: '/',
  estate: '/estate',
  api: '/estate/:uniqueId',
  scans: '/scans',
  subscriptions: '/subscriptions',
  subscription: '/subscriptions/:integrationId/:subscriptionId',
  events: '/events',
  dead: '/dead-letters',
  deadLetter: '/dead-letters/:sequence',
  configuration: '/configuration',
  doctor: '/doctor',
  /** Where the OpenID provider sends the browser back. */
  finishLogin: '/login/callback',
} as const;
export type PageName = keyof typeof paths;

export interface Route {
  readonly page: PageName;
  /** The varying parts, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** The page of an address, or undefined: there is none. */
export function routeOf(path: string, search: string): Route | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  for (const page of Object.keys(paths) as PageName[]) {
    const params = paramsOf(paths[page], parts);
    if (params !== undefined) return { page, params, query: new URLSearchParams(search) };
  }
  return undefined;
}

function paramsOf(pattern: string, parts: readonly string[]): Record<string, string> | undefined {
  const names = pattern.split('/').filter((part) => part !== '');
  if (names.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const part = decoded(parts[index] ?? '');
    if (part === undefined) return undefined;
    if (name.startsWith(':')) params[name.slice(1)] = part;
    else if (name !== part) return undefined;
  }
  return params;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // A bad escape, written by hand.
  }
}

/** The address of a page. Query values that are empty or undefined are left out. */
export function href(
  page: PageName,
  params: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const path = paths[page].replaceAll(/:(\w+)/gu, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  return `${path}${queryText(query)}`;
}

/** `?a=1&b=2`, or nothing. */
export function queryText(query: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}
