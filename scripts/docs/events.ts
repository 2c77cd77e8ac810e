/** `docs/events.md`: the audit trail, from the schemas of its events. */
import { eventJsonSchema, eventKinds, eventsVersion, type EventKind } from '@federation-agent/contracts';
import { format, table } from './markdown.ts';

interface Field {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly items?: Field;
  readonly oneOf?: readonly { readonly properties?: Readonly<Record<string, Field>> }[];
}

/** The text of `docs/events.md`. */
export async function eventsDocument(): Promise<string> {
  const parts = (Object.keys(eventKinds) as EventKind[]).map((kind) => {
    const { says } = eventKinds[kind];
    const { properties = {}, required = [] } = eventJsonSchema(kind) as {
      properties?: Record<string, Field>;
      required?: string[];
    };
    const rows = Object.entries(properties).map(([name, field]) => [
      `\`${name}\``,
      typeOf(field),
      required.includes(name) ? 'always' : 'when there is one',
      field.description ?? '',
    ]);
    return `## ${kind}\n\n${says}\n\n${table(['Field', 'Type', 'Present', 'What it says'], rows)}\n`;
  });
  return format(`# Events

Made from the schemas by \`npm run docs\`; a test fails when it is stale.

Events are the audit trail: who did what to which subscription, API or target, and how it went. The services publish
them on the stream EVENTS as JSON, on the subject \`<namespace>.v1.event.<kind>.<what>.<token>\`; the token is made of
the id that the event is about, so the events of one subscription have one filter. The header \`traceparent\` has the
trace. Nothing depends on reading an event, and **no event has a secret**: of a key only its id.

They are kept for \`federation.events.days\` (7 by default), up to 1 GiB. The console and \`ctl events\` show them;
\`ctl export --events\` writes all of them, and \`--csv\` makes it a table.

Every event has the field \`version\`, now ${eventsVersion}. A version is raised when a field changes its meaning; a new
field does not raise it. Events without a version are version 1: they lack \`actor\` and \`outcome\`.

${parts.join('\n')}`);
}

function typeOf({ type, enum: words, const: word, items, oneOf }: Field): string {
  if (oneOf) return oneOf.map(({ properties = {} }) => objectOf(properties)).join(' or ');
  if (words) return words.map((one) => `\`${one}\``).join(', ');
  if (word !== undefined) return `\`${word}\``;
  return items ? `list of ${typeOf(items)}` : (type ?? 'any');
}

function objectOf(properties: Readonly<Record<string, Field>>): string {
  const parts = Object.entries(properties).map(([name, field]) => `${name}: ${field.const ?? typeOf(field)}`);
  return `\`{${parts.join(', ')}}\``;
}
