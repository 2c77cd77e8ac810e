import type { Shown } from '../lib/states.ts';
import { Icon } from './icons.tsx';

/** A state: colour, shape and word say the same, so that no one of them is needed. */
export function Badge({ of: { tone, word, means } }: { readonly of: Shown }) {
  return (
    <span class={`badge tone-${tone}`} title={means}>
      <Icon name={tone} />
      {word}
    </span>
  );
}
