/**
 * Makes key values. A value exists before the call that makes the key, so that the key can be found by its value when
 * AWS's answer is lost.
 */
import type { Randomness } from '@federation-agent/base';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** AWS takes 20 to 128 characters and makes 40 itself; 40 of 62 are 238 bits. */
export const keyValueLength = 40;
/** Bytes from here on are skipped: they would make the first letters of the alphabet likelier than the last. */
const unbiased = 256 - (256 % alphabet.length);

/** A new key value: 40 letters and digits, each as likely as the other. `random` must be cryptographically secure. */
export function newKeyValue(random: Pick<Randomness, 'bytes'>): string {
  let keyValue = '';
  while (keyValue.length < keyValueLength) {
    for (const byte of random.bytes(keyValueLength * 2)) {
      if (byte < unbiased && keyValue.length < keyValueLength)
        keyValue += alphabet.charAt(byte % alphabet.length);
    }
  }
  return keyValue;
}
