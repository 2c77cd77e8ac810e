/** Reads the values of references, and follows those that ask for it. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '@federation-agent/base';
import {
  openKubernetes,
  type Kubernetes,
  type SecretPauses,
  type SecretData,
  type SecretName,
} from './kubernetes.ts';
import { parseReference, type SecretReference } from './reference.ts';

export interface SecretStoreOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Folder with the service account's `token`, `ca.crt` and `namespace`. */
  readonly serviceAccountDir: string;
  /** Shorter in tests. */
  readonly pauses?: SecretPauses & { readonly file: number };
}

/** By reference: the value, or why there is none. */
type ReadSecrets = ReadonlyMap<string, { readonly value: string } | { readonly mistake: string }>;

export interface SecretStore {
  read(references: readonly string[]): Promise<ReadSecrets>;
  /**
   * Follows the references that say `watch`. Values that change together, such as both halves of a key in one secret,
   * are told together. The first values are told too.
   *
   * @returns a function that stops this
   */
  follow(
    references: readonly string[],
    listener: {
      readonly values: (values: ReadonlyMap<string, string>) => void;
      readonly trouble: (reference: string, why: string) => void;
    },
  ): { stop(): Promise<void> };
}

type InCluster = Extract<SecretReference, { from: 'kubernetes' }>;

export function openSecretStore(options: SecretStoreOptions): SecretStore {
  const { env, cwd, serviceAccountDir, pauses } = options;
  const kubernetes: Kubernetes = openKubernetes({ env, serviceAccountDir, ...(pauses && { pauses }) });
  const filePause = pauses?.file ?? 5_000;

  const fileText = async (path: string): Promise<string> =>
    (await readFile(resolve(cwd, path), 'utf8')).trim();

  return {
    read: async (references) => {
      // One call per secret, even for several of its keys.
      const asked = new Map<string, Promise<SecretData>>();
      const inCluster = (name: SecretName): Promise<SecretData> => {
        const data = asked.get(idOf(name)) ?? kubernetes.read(name);
        asked.set(idOf(name), data);
        return data;
      };
      const one = async (reference: string) => {
        const parsed = parseReference(reference);
        if ('mistake' in parsed) return parsed;
        try {
          switch (parsed.from) {
            case 'env':
              return filled(env[parsed.name] ?? '', `the variable ${parsed.name} is not set`);
            case 'file':
              return filled(await fileText(parsed.path), 'the file is empty');
            case 'kubernetes':
              return keyOf(await inCluster(parsed), parsed);
          }
        } catch (error) {
          return { mistake: describeError(error) };
        }
      };
      return new Map(
        await Promise.all([...new Set(references)].map(async (text) => [text, await one(text)] as const)),
      );
    },

    follow: (references, listener) => {
      const stopping = new AbortController();
      const { signal } = stopping;
      const inCluster = new Map<string, (InCluster & { readonly reference: string })[]>();
      const loops: Promise<void>[] = [];
      for (const reference of new Set(references)) {
        const parsed = parseReference(reference);
        if ('mistake' in parsed || parsed.from === 'env' || !parsed.watch) continue;
        if (parsed.from === 'kubernetes') {
          const id = idOf(parsed);
          inCluster.set(id, [...(inCluster.get(id) ?? []), { ...parsed, reference }]);
        } else {
          const fileListener = {
            values: listener.values,
            trouble: (why: string) => listener.trouble(reference, why),
          };
          loops.push(followFile(() => fileText(parsed.path), reference, fileListener, filePause, signal));
        }
      }
      for (const wanted of inCluster.values()) {
        const [first] = wanted;
        if (!first) continue;
        const data = (secret: SecretData): void => {
          const values = wanted.flatMap((one) => {
            const found = keyOf(secret, one);
            if ('mistake' in found) listener.trouble(one.reference, found.mistake);
            return 'value' in found ? [[one.reference, found.value] as const] : [];
          });
          listener.values(new Map(values));
        };
        const trouble = (error: Error): void => listener.trouble(first.reference, describeError(error));
        loops.push(kubernetes.follow(first, { data, trouble }, signal));
      }
      return {
        stop: async () => {
          stopping.abort();
          await Promise.all(loops);
        },
      };
    },
  };
}

/**
 * Polls every few seconds: a mounted secret is replaced by moving a link, and not every platform reports that to a file
 * watch.
 */
async function followFile(
  read: () => Promise<string>,
  reference: string,
  listener: {
    readonly values: (values: ReadonlyMap<string, string>) => void;
    readonly trouble: (why: string) => void;
  },
  pause: number,
  signal: AbortSignal,
): Promise<void> {
  let said = '';
  while (!signal.aborted) {
    try {
      const value = await read();
      // Empty: it is being written at this moment.
      if (value !== '') listener.values(new Map([[reference, value]]));
      said = '';
    } catch (error) {
      const why = describeError(error);
      if (why !== said) listener.trouble(why);
      said = why;
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

function keyOf(data: SecretData, { secret, key }: InCluster) {
  const value = data.get(key);
  if (value !== undefined) return filled(value, `the key ${key} of the secret ${secret} is empty`);
  const others = [...data.keys()].join(', ');
  return { mistake: `the secret ${secret} has no key ${key}${others === '' ? '' : `; it has ${others}`}` };
}

function filled(value: string, mistake: string): { readonly value: string } | { readonly mistake: string } {
  return value.trim() === '' ? { mistake } : { value: value.trim() };
}

function idOf({ secret, namespace }: SecretName): string {
  return `${namespace ?? ''}/${secret}`;
}
