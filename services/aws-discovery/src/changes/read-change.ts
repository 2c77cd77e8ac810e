/**
 * What a message from the queue of changes says: in which account and region something changed, and which API is
 * concerned. Pure. A message is never believed: it only says what to read again from AWS. So every field may be
 * missing, and an id that is wrong or forged names nothing.
 *
 * The body is an event of EventBridge (detail-type `AWS API Call via CloudTrail`), whose `detail` is CloudTrail's
 * record; some people send the record alone, or put SNS in between. In `requestParameters`, REST APIs have
 * `restApiId`, HTTP and WebSocket APIs `apiId`, calls of tags `resourceArn`; what makes an API has its id in
 * `responseElements`.
 */
import { parseJsonObject, textAt, objectAt, type JsonObject } from './json.ts';

export interface Change {
  readonly kind: 'change';
  readonly account: string;
  readonly region: string;
  /** Absent: it is about no API (a usage plan), or about one that only the lists can name. */
  readonly apiId?: string;
  /** It is about a custom domain name. */
  readonly domain: boolean;
  /** Epoch ms: when it was made. */
  readonly madeAt?: number;
}

export type ReadMessage =
  | Change
  /** It changes nothing that is in the catalog. With account and region it shows that their changes are heard. */
  | { readonly kind: 'irrelevant'; readonly account?: string; readonly region?: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** EventBridge sends at most 256 KiB, and SNS escapes that. */
const largestBody = 1024 * 1024;

/**
 * Calls that change nothing in the catalog. Keys: the agent's own calls. Reads, in case a rule delivers them too. What
 * a REST API is made of shows only when it is deployed; an HTTP API may deploy itself at once, so its calls count.
 */
const irrelevant = [
  /^(?:Create|Update|Delete|Import)(?:ApiKeys?|UsagePlanKey)$/u,
  /^(?:Get|List|Export|Test|Flush)/u,
  /^\w*(?:VpcLinks?|ClientCertificate|Account|DomainNameAccessAssociation)$/u,
];
const notDeployed =
  /^(?:Create|Put|Update|Delete)(?:Resource|Method|MethodResponse|Integration|IntegrationResponse|Model|RequestValidator|GatewayResponse|Authorizer|DocumentationPart)$/u;

export function readChange(body: string): ReadMessage {
  if (body.length > largestBody)
    return { kind: 'unreadable', reason: `${body.length} characters are too many` };
  const outer = parseJsonObject(body);
  if (!outer) return { kind: 'unreadable', reason: 'no JSON object' };
  const event =
    textAt(outer, 'eventName') === undefined ? (parseJsonObject(textAt(outer, 'Message')) ?? outer) : outer;
  const detail = objectAt(event, 'detail') ?? event;
  const name = textAt(detail, 'eventName');
  if (name === undefined) return { kind: 'unreadable', reason: 'no eventName' };
  const account = textAt(event, 'account') ?? textAt(detail, 'recipientAccountId');
  const region = textAt(event, 'region') ?? textAt(detail, 'awsRegion');
  if (account === undefined || region === undefined || !isPlace(account, region))
    return { kind: 'unreadable', reason: 'no account and region' };
  if (textAt(detail, 'eventSource') !== 'apigateway.amazonaws.com') return { kind: 'irrelevant' };
  const request = objectAt(detail, 'requestParameters') ?? {};
  if (changesNothing(name, detail, request)) return { kind: 'irrelevant', account, region };
  const apiId = apiOf(request, objectAt(detail, 'responseElements') ?? {}, name);
  const madeAt = Date.parse(textAt(detail, 'eventTime') ?? '');
  return {
    kind: 'change',
    account,
    region,
    ...(apiId !== undefined && { apiId }),
    domain: /Domain|BasePathMapping|ApiMapping|RoutingRule/u.test(name),
    ...(Number.isFinite(madeAt) && { madeAt }),
  };
}

function isPlace(account: string, region: string): boolean {
  return /^\d{12}$/u.test(account) && /^[a-z]{2,10}(?:-[a-z]{2,20}){1,3}-\d{1,2}$/u.test(region);
}

function changesNothing(name: string, detail: JsonObject, request: JsonObject): boolean {
  return (
    detail['readOnly'] === true ||
    // A call that failed.
    textAt(detail, 'errorCode') !== undefined ||
    irrelevant.some((pattern) => pattern.test(name)) ||
    (notDeployed.test(name) && restApiIdOf(request) !== undefined)
  );
}

function apiOf(request: JsonObject, response: JsonObject, name: string): string | undefined {
  const made = /^(?:Create|Import)(?:RestApi|Api)$/u.test(name);
  const id =
    restApiIdOf(request) ??
    textAt(request, 'apiId') ??
    apiOfArn(textAt(request, 'resourceArn')) ??
    (made ? (textAt(response, 'id') ?? textAt(response, 'apiId')) : undefined);
  return id !== undefined && /^[\da-z]{1,64}$/u.test(id) ? id : undefined;
}

/** In case a call is recorded as its URL has it: `restapi_id`, `restapiId`. */
function restApiIdOf(request: JsonObject): string | undefined {
  return textAt(request, 'restApiId') ?? textAt(request, 'restapiId') ?? textAt(request, 'restapi_id');
}

/** `arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/prod`, or `…::/apis/…`; recorded as it was in the URL. */
function apiOfArn(arn: string | undefined): string | undefined {
  const plain = arn?.replaceAll('%3A', ':').replaceAll('%2F', '/');
  return /^arn:[\w-]+:apigateway:[\w-]+::\/(?:restapis|apis)\/(?<id>[\da-z]+)/u.exec(plain ?? '')?.groups?.[
    'id'
  ];
}
