/** The SDK's client for HTTP and WebSocket APIs. Most agents never need it, so it is loaded when it is first used. */
import type * as V2 from '@aws-sdk/client-apigatewayv2';

export function loadV2(): Promise<typeof V2> {
  return import('@aws-sdk/client-apigatewayv2');
}
