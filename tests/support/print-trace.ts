/**
 * Prints the trace of one SUBSCRIBE as a tree: `node tests/support/print-trace.ts`. Like `npm test`, it needs a
 * nats-server.
 */
import { printTrace, traceTree } from './trace-tree.ts';
import { traceOfSubscribe } from './trace-of-subscribe.ts';

const { subscription, traceId, spans } = await traceOfSubscribe();
console.log(`SUBSCRIBE: ${subscription.status}, trace ${traceId}\n`);
console.log(printTrace(traceTree(spans, traceId)));
