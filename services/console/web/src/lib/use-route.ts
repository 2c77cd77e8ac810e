import { useEffect, useState } from 'preact/hooks';
import { routeOf, type Route } from './route.ts';

const listeners = new Set<() => void>();

function current(): Route | undefined {
  return routeOf(location.pathname, location.search);
}

/** Goes to an address of the console without loading the document again. */
export function navigate(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  for (const listener of listeners) listener();
}

/** The page that the address bar names. Links are followed here, so that a link is an ordinary `<a href>`. */
export function useRoute(): Route | undefined {
  const [route, setRoute] = useState(current);
  useEffect(() => {
    const update = (): void => setRoute(current());
    listeners.add(update);
    addEventListener('popstate', update);
    document.addEventListener('click', follow);
    return () => {
      listeners.delete(update);
      removeEventListener('popstate', update);
      document.removeEventListener('click', follow);
    };
  }, []);
  return route;
}

/** Leaves alone what the browser does better: other origins, downloads, new tabs, and paths of the API. */
function follow(event: MouseEvent): void {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!plain || link === null || event.defaultPrevented) return;
  if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
  if (routeOf(link.pathname, link.search) === undefined || link.hash !== '') return;
  event.preventDefault();
  if (link.href !== location.href) navigate(link.pathname + link.search);
}
