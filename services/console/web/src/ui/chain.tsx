import type { Part } from '../../../src/api/overview.ts';
import { partStates } from '../lib/states.ts';
import { Badge } from './badge.tsx';
import { Icon } from './icons.tsx';

/**
 * The chain APIM - link - broker - workers - AWS as a picture: a box for each part, with its state, the reason, and the
 * things it has. The two workers share a place, because a command goes through one of them.
 */
export function Chain({ parts }: { readonly parts: readonly Part[] }) {
  const places = placesOf(parts);
  return (
    <ol class="chain">
      {places.map((place, index) => (
        <li key={place.map(({ id }) => id).join()}>
          {index > 0 && (
            <span class="arrow">
              <Icon name="right" />
            </span>
          )}
          <div class="place">
            {place.map((part) => (
              <PartBox key={part.id} part={part} />
            ))}
          </div>
        </li>
      ))}
    </ol>
  );
}

function placesOf(parts: readonly Part[]): readonly (readonly Part[])[] {
  const workers = parts.filter(({ id }) => id === 'discovery' || id === 'subscription');
  return parts.flatMap((part) => {
    if (!workers.includes(part)) return [[part]];
    return part === workers[0] ? [workers] : [];
  });
}

/** What is up is behind a click when there is much of it: what is wrong must not be searched for. */
const shownAtOnce = 2;

function PartBox({ part: { name, state, reason, items } }: { readonly part: Part }) {
  const wrong = items.filter((item) => item.state !== 'up');
  const shown = items.length > shownAtOnce ? wrong : items;
  const rest = items.filter((item) => !shown.includes(item));
  const draw = (some: Part['items']) => (
    <ul>
      {some.map((item) => (
        <li key={item.id}>
          <span class="item-name" title={item.id}>
            {item.name}
          </span>
          <Badge of={partStates[item.state]} />
          {item.reason !== undefined && <p class="small reason">{item.reason}</p>}
        </li>
      ))}
    </ul>
  );
  return (
    <section class={`part tone-${partStates[state].tone}`} aria-label={name}>
      <h3>
        {name} <Badge of={partStates[state]} />
      </h3>
      {reason !== undefined && <p class="reason">{reason}</p>}
      {shown.length > 0 && draw(shown)}
      {rest.length > 0 && (
        <details>
          <summary>{rest.length} up</summary>
          {draw(rest)}
        </details>
      )}
    </section>
  );
}
