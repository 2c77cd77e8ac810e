import type { ReceivedSpan } from './otlp-receiver.ts';

/** A span with the spans that it started, in the order of their start. */
export interface TraceNode {
  readonly span: ReceivedSpan;
  readonly children: readonly TraceNode[];
}

/** The roots of one trace: spans without a parent, and spans whose parent was never received. */
export function traceTree(spans: readonly ReceivedSpan[], traceId: string): TraceNode[] {
  const ours = spans.filter((span) => span.traceId === traceId).sort((a, b) => a.startMs - b.startMs);
  const known = new Set(ours.map(({ spanId }) => spanId));
  const below = (parent: string | undefined): TraceNode[] =>
    ours
      .filter(({ parentSpanId }) =>
        parent === undefined
          ? parentSpanId === undefined || !known.has(parentSpanId)
          : parentSpanId === parent,
      )
      .map((span) => ({ span, children: below(span.spanId) }));
  return below(undefined);
}

/** A trace as text: one line per span with its service, its start within the trace, and its duration. */
export function printTrace(nodes: readonly TraceNode[]): string {
  const began = Math.min(...nodes.map(({ span }) => span.startMs));
  const line = ({ span, children }: TraceNode, indent: string, last: boolean, top: boolean): string[] => {
    const branch = top ? '' : last ? '└─ ' : '├─ ';
    const times = `+${(span.startMs - began).toFixed(1)} ms, ${span.durationMs.toFixed(1)} ms`;
    const text = `${indent}${branch}${span.name}  [${span.service}]  ${times}${span.failed ? '  FAILED' : ''}`;
    const deeper = top ? indent : `${indent}${last ? '   ' : '│  '}`;
    return [
      text,
      ...children.flatMap((child, index) => line(child, deeper, index === children.length - 1, false)),
    ];
  };
  return nodes.flatMap((node) => line(node, '', true, true)).join('\n');
}
