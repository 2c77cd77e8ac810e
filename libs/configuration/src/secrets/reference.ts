/**
 * References to secrets inside values: `secret://kubernetes/<secret>:<key>?namespace=..&watch`, `secret://env/<NAME>`,
 * `secret://file/<path>`.
 */

export type SecretReference =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string; readonly watch: boolean }
  | {
      readonly from: 'kubernetes';
      readonly secret: string;
      readonly key: string;
      /** Absent: the namespace of the pod. */
      readonly namespace: string | undefined;
      readonly watch: boolean;
    };

/** A complete word in a value, such as the one behind `bearer `. */
const pattern = /(?<=^|\s)secret:\/\/\S+/gu;
/** Names of objects and keys, as Kubernetes allows them. */
const kubernetesPath = /^(?<secret>[a-z0-9][a-z0-9.-]*):(?<key>[\w.-]+)$/u;

/** The references in a value, as written. */
export function referencesIn(value: string): readonly string[] {
  return value.match(pattern) ?? [];
}

/** Replaces the references in a value; an unknown one stays unchanged. */
export function withSecrets(value: string, secrets: ReadonlyMap<string, string>): string {
  return value.replace(pattern, (reference) => secrets.get(reference) ?? reference);
}

/** @returns what the reference means, or what is wrong with it */
export function parseReference(reference: string): SecretReference | { readonly mistake: string } {
  const [place = '', query = ''] = reference.slice('secret://'.length).split('?', 2);
  const slash = place.indexOf('/');
  const provider = slash === -1 ? place : place.slice(0, slash);
  const rest = slash === -1 ? '' : place.slice(slash + 1);
  const parameters = new URLSearchParams(query);
  const watch = parameters.has('watch') && parameters.get('watch') !== 'false';
  switch (provider) {
    case 'env':
      return rest === '' ? { mistake: 'must be secret://env/<NAME>' } : { from: 'env', name: rest };
    case 'file':
      return rest === ''
        ? { mistake: 'must be secret://file/<path>' }
        : { from: 'file', path: filePath(rest), watch };
    case 'kubernetes': {
      const { secret, key } = kubernetesPath.exec(rest)?.groups ?? {};
      if (secret === undefined || key === undefined)
        return { mistake: 'must be secret://kubernetes/<secret>:<key>' };
      return { from: 'kubernetes', secret, key, namespace: parameters.get('namespace') ?? undefined, watch };
    }
    default:
      return { mistake: 'names an unknown place: it must be kubernetes, env or file' };
  }
}

/** `run/secrets/x` is `/run/secrets/x`; `./x` is relative to the working folder; a drive letter stays. */
function filePath(text: string): string {
  return /^(?:[./\\]|[A-Za-z]:)/u.test(text) ? text : `/${text}`;
}
