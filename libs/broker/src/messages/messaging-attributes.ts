/** Span attributes and names by OpenTelemetry's conventions for messaging. */
import type { Attributes } from '@opentelemetry/api';

/** A subject without its ids. It has few values, so it can be a span name or a label. */
export function subjectTemplate(subject: string): string {
  const [, , area = subject, ...rest] = subject.split('.');
  switch (area) {
    case 'command':
      return `command.${rest.slice(0, 2).join('.')}`;
    case 'event':
    case 'dead':
      return [area, ...rest].join('.');
    case 'link':
      return 'link.reply';
    default:
      return area;
  }
}

export function messagingAttributes(subject: string, operation: 'send' | 'process'): Attributes {
  return {
    'messaging.system': 'nats',
    'messaging.operation.type': operation,
    'messaging.operation.name': operation,
    'messaging.destination.name': subject,
    'messaging.destination.template': subjectTemplate(subject),
  };
}
