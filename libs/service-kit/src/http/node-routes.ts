/** Routes that services add to the node API while the HTTP server runs already: like health, one list per process. */

/** A request whose sender was let in. */
export interface NodeRequest {
  /** What stands in the path where the route has `:name`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined: there is none, or it is something else. */
  readonly body: unknown;
  /** Who asks; undefined where the node API asks nobody for a password. */
  readonly user: string | undefined;
  /** From where. */
  readonly address: string;
}

export interface NodeAnswer {
  readonly status: number;
  /** Never a secret. From 400 on with a `message`; the name of the status is added. */
  readonly body: object;
}

export interface NodeRoute {
  readonly method: 'GET' | 'POST';
  /** Below `/_node`, such as `/subscriptions/:integrationId`. */
  readonly path: string;
  /**
   * @throws FederationError: 503 with its message when it is retryable; anything else is a 500 that the log explains
   */
  answer(request: NodeRequest): Promise<NodeAnswer>;
}

export interface NodeRoutes {
  add(routes: readonly NodeRoute[]): void;
  remove(routes: readonly NodeRoute[]): void;
  /** Every method that is served at a path below `/_node`. */
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

/** Undefined: the path is not of this pattern. */
function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/\/+$/u, '').split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    // Decoded piece by piece: an encoded slash is part of an id.
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
