/**
 * Credentials that several clients share. There is only one request for them at a time, and they are renewed before
 * they expire.
 */
import type { fromNodeProviderChain } from '@aws-sdk/credential-providers';

/** As the SDK has it. */
export type CredentialsProvider = ReturnType<typeof fromNodeProviderChain>;
type Given = Awaited<ReturnType<CredentialsProvider>>;

/** The SDK asks again five minutes before the end; so do we. */
const renewBefore = 300_000;

/**
 * Keeps what a provider returns. While the credentials are still valid, a renewal runs in the background, and a failed
 * renewal does no harm before they expire.
 */
export function cachedCredentials(provider: CredentialsProvider, now: () => number): CredentialsProvider {
  let known: Given | undefined;
  let asked: Promise<Given> | undefined;
  const left = ({ expiration }: Given): number => (expiration ? expiration.getTime() - now() : Infinity);
  return async (properties) => {
    if (known && left(known) > renewBefore) return known;
    asked ??= provider(properties)
      .then((given) => (known = given))
      .finally(() => (asked = undefined));
    if (!known || left(known) <= 0) return asked;
    asked.catch(() => undefined);
    return known;
  };
}
