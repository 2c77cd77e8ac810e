/** Routes that services add to the node API while the HTTP server already runs. Like health, one list per process. */

/** A request whose sender was admitted. */
export interface NodeRequest {
  /** Parts of the path where the route has `:name`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined: there is no body, or it is not JSON. */
  readonly body: unknown;
  /** Name of the user; undefined when the node API requires no password. */
  readonly user: string | undefined;
  /** Address of the sender. */
  readonly address: string;
}

export interface NodeAnswer {
  readonly status: number;
  /** Never a secret. From status 400 on it has a `message`; the name of the status is added. */
  readonly body: object;
}

export interface NodeRoute {
  readonly method: 'GET' | 'POST';
  /** Below `/_node`, such as `/subscriptions/:integrationId`. */
  readonly path: string;
  /**
   * @throws FederationError: a retryable one becomes a 503 with its message; anything else becomes a 500 that the log
   * explains
   */
  answer(request: NodeRequest): Promise<NodeAnswer>;
}

export interface NodeRoutes {
  add(routes: readonly NodeRoute[]): void;
  remove(routes: readonly NodeRoute[]): void;
  /** Routes of every method at a path below `/_node`. */
  at(path: string): readonly FoundRoute[];
}

export interface FoundRoute {
  readonly route: NodeRoute;
  readonly params: Readonly<Record<string, string>>;
}

export function createNodeRoutes(): NodeRoutes {
  const all = new Set<NodeRoute>();
  return {
    add: (routes) => {
      for (const route of routes) all.add(route);
    },
    remove: (routes) => {
      for (const route of routes) all.delete(route);
    },
    at: (path) =>
      [...all].flatMap((route) => {
        const params = paramsOf(route.path, path);
        return params ? { route, params } : [];
      }),
  };
}

/** Undefined: the path does not match the pattern. */
function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/\/+$/u, '').split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    // Each segment is decoded separately, because an encoded slash is part of an id.
    const text = decoded(given[index] ?? '');
    if (text === undefined) return undefined;
    if (name.startsWith(':') && text !== '') params[name.slice(1)] = text;
    else if (name !== text) return undefined;
  }
  return params;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
