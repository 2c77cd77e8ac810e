/** W3C trace context in headers. The context of a call chain belongs to the process, not to a service. */
import { context, propagation, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Carrier } from './telemetry.ts';

let installed = false;

/** Keeps spans active across awaits. Call it once per process. */
export function installPropagation(): void {
  if (installed) return;
  installed = true;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

/** `traceparent` and `tracestate` of the active span; empty when there is none. */
export function injectTrace(): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** The context in the headers, or a new trace when they have none. */
export function extractTrace(carrier: Carrier): Context {
  return propagation.extract(ROOT_CONTEXT, carrier);
}
