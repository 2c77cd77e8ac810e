/** Serves the built pages, from memory. Every path that is not below /api is a page of the one application. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { sendError } from '@federation-agent/service-kit';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Beside the sources, or beside the bundle. */
const places = ['../../web/dist', './console'];

interface Page {
  readonly bytes: Buffer;
  readonly type: string;
  /** Its name has a hash of its content. */
  readonly hashed: boolean;
}

/** The built pages by their paths, such as `/index.html`; empty when they were not built. */
export function readPages(base = import.meta.url): ReadonlyMap<string, Page> {
  const folder = places
    .map((place) => fileURLToPath(new URL(place, base)))
    .find((place) => existsSync(join(place, 'index.html')));
  const pages = new Map<string, Page>();
  if (folder === undefined) return pages;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    const type = types[extname(file)];
    if (type === undefined || !statSync(file).isFile()) continue;
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    pages.set(path, { bytes: readFileSync(file), type, hashed: path.startsWith('/assets/') });
  }
  return pages;
}

const notBuilt =
  'the pages of the console were not built: npm run build -- console. Its API is at /api/openapi.json';

export function servePages(server: FastifyInstance, pages: ReadonlyMap<string, Page>): void {
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    if (path === '/api' || path.startsWith('/api/')) return sendError(reply, 404, `there is no ${path}`);
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendError(reply, 405, 'only GET');
    const exact = pages.get(path);
    // A file that is gone must not be answered by a page: the browser would take HTML for a script.
    if (!exact && extname(path) !== '' && path.startsWith('/assets/'))
      return sendError(reply, 404, `there is no ${path}`);
    const page = exact ?? pages.get('/index.html');
    if (!page) return sendError(reply, 404, notBuilt);
    return reply
      .header('content-type', page.type)
      .header('cache-control', page.hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
      .send(page.bytes);
  });
}
