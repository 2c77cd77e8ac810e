/** Seals key values with AES-256-GCM under a named key. Older keys can still be read. */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Sealed } from '@federation-agent/contracts';
import { FederationError, type Randomness } from '@federation-agent/base';

/** No configured key opens a sealed value: the key left the list, or somebody changed the record by hand. */
export class UnsealableError extends FederationError {
  constructor(detail: string, cause?: unknown) {
    super(`a sealed key value cannot be opened: ${detail}`, {
      code: 'unsealable',
      disposition: 'final',
      cause,
    });
  }
}

export interface Sealer {
  /** @param context what the value belongs to; the value opens only with the same context */
  seal(value: string, context: string): Sealed;
  /** Whether the value's sealing key is configured. */
  knows(sealed: Sealed): boolean;
  /** @throws UnsealableError */
  open(sealed: Sealed, context: string): string;
}

export interface SealerOptions {
  /** 32 bytes, base64. */
  readonly key: string;
  /** Keys that were in use before; only for reading. */
  readonly previous: readonly string[];
  readonly random: Pick<Randomness, 'bytes'>;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;

/** Name of a sealing key: the prefix of its hash, which reveals nothing about the key. */
function sealingKeyName(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

/** @throws RangeError when a key does not have 32 bytes */
export function createSealer({ key, previous, random }: SealerOptions): Sealer {
  const current = keyFrom(key);
  const currentName = sealingKeyName(current);
  const keys = new Map(
    [...previous.map(keyFrom), current].map((bytes) => [sealingKeyName(bytes), bytes] as const),
  );
  return {
    seal: (value, context) => {
      const iv = random.bytes(ivBytes);
      const cipher = createCipheriv(algorithm, current, iv).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
      return {
        key: currentName,
        iv: iv.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
        text: text.toString('base64'),
      };
    },
    knows: (sealed) => keys.has(sealed.key),
    open: (sealed, context) => {
      const bytes = keys.get(sealed.key);
      if (bytes === undefined) {
        throw new UnsealableError(
          `the sealing key ${sealed.key} is not configured; add it to federation.previousSealingKeys`,
        );
      }
      try {
        const decipher = createDecipheriv(algorithm, bytes, Buffer.from(sealed.iv, 'base64'), {
          authTagLength: 16,
        })
          .setAAD(Buffer.from(context))
          .setAuthTag(Buffer.from(sealed.tag, 'base64'));
        return decipher.update(sealed.text, 'base64', 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw new UnsealableError('it was changed, or belongs to another subscription', error);
      }
    },
  };
}

function keyFrom(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32) throw new RangeError('a sealing key must be 32 bytes, base64');
  return bytes;
}
