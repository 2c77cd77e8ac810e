/** Epoch seconds; the wire of this version has text. */
type Seconds = number;
type Tags = Record<string, string>;

/** A route of an HTTP API (`GET /orders`, `$default`) or a WebSocket API (`$connect`, `sendOrder`). */
export interface V2Route {
  readonly id: string;
  routeKey: string;
  authorizationType: string;
  authorizerId: string | undefined;
  authorizationScopes: readonly string[];
  apiKeyRequired: boolean;
  operationName: string | undefined;
  requestModels: Record<string, string>;
}

/** A model of a WebSocket API; `schema` is JSON schema as text. */
interface V2Model {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
  readonly description: string | undefined;
  readonly schema: string;
}

/** An authorizer: `JWT` (HTTP APIs) or `REQUEST` (a Lambda function). */
export interface V2Authorizer {
  readonly id: string;
  readonly name: string;
  readonly authorizerType: string;
  readonly identitySource: readonly string[];
  readonly jwt: { readonly issuer: string; readonly audience: readonly string[] } | undefined;
}

/** What a deployment serves. */
export interface V2Deployment {
  readonly id: string;
  readonly createdDate: Seconds;
  readonly routes: readonly V2Route[];
}

/** A stage. With `autoDeploy` it gets a new deployment at every change of a route. */
export interface V2Stage {
  readonly stageName: string;
  deploymentId: string | undefined;
  autoDeploy: boolean;
  description: string | undefined;
  throttle: { rateLimit?: number | undefined; burstLimit?: number | undefined };
  tags: Tags;
  readonly createdDate: Seconds;
  lastUpdatedDate: Seconds;
}

/** Cross-origin rules of an HTTP API, as on the wire. */
export interface V2Cors {
  readonly allowOrigins?: readonly string[] | undefined;
  readonly allowMethods?: readonly string[] | undefined;
  readonly allowHeaders?: readonly string[] | undefined;
  readonly exposeHeaders?: readonly string[] | undefined;
  readonly allowCredentials?: boolean | undefined;
  readonly maxAge?: number | undefined;
}

/** An HTTP or WebSocket API. */
export interface V2Api {
  readonly id: string;
  readonly protocolType: 'HTTP' | 'WEBSOCKET';
  readonly createdDate: Seconds;
  name: string;
  description: string | undefined;
  version: string | undefined;
  disableExecuteApiEndpoint: boolean;
  routeSelectionExpression: string;
  cors: V2Cors | undefined;
  tags: Tags;
  readonly routes: Map<string, V2Route>;
  readonly models: Map<string, V2Model>;
  readonly authorizers: Map<string, V2Authorizer>;
  readonly deployments: Map<string, V2Deployment>;
  readonly stages: Map<string, V2Stage>;
}
