/** Metadata as APIM's store takes it, which uses the name as key. Pure. */
import { provider, type Metadata } from '@federation-agent/contracts';
import type { ChangedText } from './changed-texts.ts';
import { fitAll, fitOne } from './fit.ts';

/**
 * Leaves out empty values, and names that APIM would merge over the routing keys of a subscription: names that contain
 * the provider, or begin like the routing keys. Both the full name and its cut form are checked.
 */
export function toMetadata(facts: readonly Metadata[]): {
  readonly metadata: Metadata[];
  readonly changed: readonly ChangedText[];
} {
  const kept = [...new Map(facts.filter(isKept).map((fact) => [fact.name, fact])).values()];
  const names = fitAll(
    'metadata.name',
    kept.map(({ name }) => ({ text: name, identity: name })),
  );
  const metadata = kept.map(({ value, format }, index) => ({
    name: names[index] ?? '',
    value: fitOne('metadata.value', { text: value, identity: value }),
    format,
  }));
  const changed = kept.flatMap(({ name, value }, index): ChangedText[] => {
    const sent = metadata[index];
    if (sent?.name !== name) return [{ field: 'metadata.name', whole: name, sent: sent?.name ?? '', value }];
    if (sent.value !== value)
      return [{ field: 'metadata.value', whole: `${name}: ${value}`, sent: sent.value }];
    return [];
  });
  return { metadata: metadata.filter(isKept), changed };
}

function isKept({ name, value }: Metadata): boolean {
  return value !== '' && !name.toLowerCase().includes(provider) && !name.startsWith('aws.');
}
