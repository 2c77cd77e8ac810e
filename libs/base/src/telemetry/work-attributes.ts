/**
 * What a trace is searched by: attributes that every span of a piece of work has, in every service, from where they are
 * known on. Named after the ids that a user sees in APIM.
 */
import { createContextKey, trace, type Attributes, type Context } from '@opentelemetry/api';
import { z } from 'zod';

const attributeNames = {
  /** The integration in APIM. */
  integration: 'gravitee.integration.id',
  /** The subscription in APIM: the whole life of its key is found by it. */
  subscription: 'gravitee.subscription.id',
  /** The command as the controller numbered it. */
  command: 'gravitee.command.id',
  ingestJob: 'gravitee.ingest_job.id',
} as const;

type WorkAttributes = Readonly<Partial<Record<keyof typeof attributeNames, string>>>;

const key = createContextKey('federation-agent: attributes of the work');
const prefix = 'gravitee.';

/** By their names in code. */
export function workAttributes(values: WorkAttributes): Attributes {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [attributeNames[name as keyof WorkAttributes], value]),
  );
}

/** What a new span in this context has from the spans around it. */
export function inheritedWorkAttributes(context: Context): Attributes {
  return (context.getValue(key) as Attributes | undefined) ?? {};
}

/** The context for what happens inside a span with these attributes; what is learnt there later is for all of it. */
export function withWorkAttributes(context: Context, attributes: Attributes): Context {
  const own = Object.entries(attributes).filter(([name]) => name.startsWith(prefix));
  return context.setValue(key, { ...inheritedWorkAttributes(context), ...Object.fromEntries(own) });
}

/** Adds to the span of this context, and to all that begin inside it from now on. */
export function addWorkAttributes(context: Context, values: WorkAttributes): void {
  const attributes = workAttributes(values);
  trace.getSpan(context)?.setAttributes(attributes);
  Object.assign(inheritedWorkAttributes(context), attributes);
}

const WithIds = z.object({
  ingestJobId: z.string().optional(),
  subscription: z.object({ graviteeSubscriptionId: z.string() }).optional(),
});

/** What the payload of a command is about, whatever its type; nothing for one that is not as expected. */
export function idsInPayload(payload: unknown): WorkAttributes {
  const { subscription, ingestJobId } = WithIds.safeParse(payload).data ?? {};
  return {
    ...(subscription && { subscription: subscription.graviteeSubscriptionId }),
    ...(ingestJobId !== undefined && { ingestJob: ingestJobId }),
  };
}
