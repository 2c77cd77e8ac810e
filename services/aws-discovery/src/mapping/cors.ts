/** Who may call an HTTP API from a browser, in words. Pure. */
import type { CorsRules } from '@federation-agent/aws-control-plane';

/** Such as `https://shop.example.com; GET, POST; headers authorization; with credentials`. */
export function corsInWords({ origins, methods, headers, credentials }: CorsRules): string {
  if (origins.length === 0) return 'no other origin';
  return [
    origins.includes('*') ? 'any origin' : origins.join(', '),
    ...(methods.length > 0 ? [methods.includes('*') ? 'any method' : methods.join(', ')] : []),
    ...(headers.length > 0 ? [headers.includes('*') ? 'any header' : `headers ${headers.join(', ')}`] : []),
    ...(credentials ? ['with credentials'] : []),
  ].join('; ');
}
