/** HTTP and WebSocket APIs: the second version of API Gateway's control plane. The minimum policy allows none of it. */
import type { GatewayApi, Priority, Stage } from './model-apis.ts';

/** A route of a WebSocket API: `$connect`, `$default`, or what its selection expression yields. */
export interface Route {
  readonly key: string;
  readonly operationName?: string;
  readonly authorization?: string;
  readonly keyRequired: boolean;
  /** By what the request is recognised as; `$default` is any. */
  readonly requestModels: Readonly<Record<string, string>>;
}

/** A model of a WebSocket API; `schema` is JSON schema as text. */
export interface Model {
  readonly name: string;
  readonly contentType?: string;
  readonly description?: string;
  readonly schema?: string;
}

/** Reads of one account and region, as complete as `TargetReads`. Each throws AwsDenied without GET on /apis*. */
export interface V2Reads {
  /** GetApis: both types. */
  apis(priority: Priority, signal?: AbortSignal): Promise<GatewayApi[]>;
  /** Among them `$default`. @throws AwsNotFound when the API is gone */
  stages(apiId: string, priority: Priority, signal?: AbortSignal): Promise<Stage[]>;
  /**
   * The OpenAPI document of what an HTTP API has deployed, with AWS's extensions: only they tell of authorizers.
   *
   * @throws AwsBadRequest for an API without routes and a stage that was never deployed; AwsNotFound
   */
  exportDocument(apiId: string, stage: string, priority: Priority, signal?: AbortSignal): Promise<Buffer>;
  routes(apiId: string, priority: Priority, signal?: AbortSignal): Promise<Route[]>;
  models(apiId: string, priority: Priority, signal?: AbortSignal): Promise<Model[]>;
}
