/** Credentials that several clients share: asked for once at a time, and renewed before they run out. */
import type { fromNodeProviderChain } from '@aws-sdk/credential-providers';

/** As the SDK has it. */
export type CredentialsProvider = ReturnType<typeof fromNodeProviderChain>;
type Given = Awaited<ReturnType<CredentialsProvider>>;

/** The SDK asks anew five minutes before the end; so do we. */
const renewBefore = 300_000;

/**
 * Keeps what a provider gives. While it still holds, a renewal goes on behind it, and one that fails does no harm
 * before the end.
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
