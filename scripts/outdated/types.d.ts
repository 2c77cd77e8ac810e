/** Who knows the versions of something. */
export type Source =
  | { readonly kind: 'npm'; readonly name: string }
  | { readonly kind: 'go'; readonly name: string }
  | { readonly kind: 'pip'; readonly name: string }
  | { readonly kind: 'debian'; readonly name: string }
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'action'; readonly name: string };

/** A version that stands in this checkout. */
export interface Pin {
  readonly source: Source;
  /** As it stands there: `1.2.3`, `v1.2.3`, `24.21.0-bookworm-slim`. */
  readonly pinned: string;
  /** The files. */
  readonly where: readonly string[];
  /** Only newer ones that begin with this count, such as `24.`: a line that is stayed on for a reason. */
  readonly line?: string;
  /** Of an action: the commit that stands for the version. */
  readonly commit?: string;
}

/** What a source says. */
export interface Answer {
  readonly versions: readonly string[];
  /** The one that its makers call the newest, where they say so. */
  readonly latest?: string;
  /** The commit of each version, where there is one. */
  readonly commits?: Readonly<Record<string, string>>;
}

export interface Verdict {
  readonly state: 'newest' | 'behind' | 'wrong' | 'not reachable';
  /** What there is to say, in a few words. */
  readonly said: string;
}
