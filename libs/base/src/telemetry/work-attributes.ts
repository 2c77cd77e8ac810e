/**
 * Attributes by which people search for traces. Every span of a piece of work has them, in every service, from the
 * moment they are known. They are named after the ids that a user sees in APIM.
 */
import { createContextKey, trace, type Attributes, type Context } from '@opentelemetry/api';
import { z } from 'zod';

const attributeNames = {
  /** The integration in APIM. */
  integration: 'gravitee.integration.id',
  /** The subscription in APIM; it finds the whole life of its key. */
  subscription: 'gravitee.subscription.id',
  /** The command's id from the controller. */
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

/** The attributes that a new span in this context gets from the spans around it. */
export function inheritedWorkAttributes(context: Context): Attributes {
  return (context.getValue(key) as Attributes | undefined) ?? {};
}

/**
 * The context for work inside a span with these attributes. Attributes added later inside it apply to all of that work.
 */
export function withWorkAttributes(context: Context, attributes: Attributes): Context {
  const own = Object.entries(attributes).filter(([name]) => name.startsWith(prefix));
  return context.setValue(key, { ...inheritedWorkAttributes(context), ...Object.fromEntries(own) });
}

/** Adds attributes to the span of this context, and to all spans that start inside it from now on. */
export function addWorkAttributes(context: Context, values: WorkAttributes): void {
  const attributes = workAttributes(values);
  trace.getSpan(context)?.setAttributes(attributes);
  Object.assign(inheritedWorkAttributes(context), attributes);
}

const WithIds = z.object({
  ingestJobId: z.string().optional(),
  subscription: z.object({ graviteeSubscriptionId: z.string() }).optional(),
});

/** The ids in the payload of a command, whatever its type; nothing when the payload is not as expected. */
export function idsInPayload(payload: unknown): WorkAttributes {
  const { subscription, ingestJobId } = WithIds.safeParse(payload).data ?? {};
  return {
    ...(subscription && { subscription: subscription.graviteeSubscriptionId }),
    ...(ingestJobId !== undefined && { ingestJob: ingestJobId }),
  };
}
