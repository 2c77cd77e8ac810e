/** Every route of the HTTP API, declared once: the server and the OpenAPI document are made from it. */
import type { z } from 'zod';
import { Done } from './common.ts';
import { Configuration, DoctorReport } from './system.ts';
import { DeadLetterDetail, DeadLetters } from './dead.ts';
import {
  EstatePage,
  EstateQuery,
  EstateTree,
  ExplainQuery,
  Explanation,
  StageDetail,
  Why,
} from './estate.ts';
import { EventPage, EventQuery, ExportQuery } from './events.ts';
import { Overview } from './overview.ts';
import { DeleteKeyRequest, ReconcileRequest, Reconciliation } from './reconcile.ts';
import { Ingests, ScanAsked, ScanRequest, Scans } from './scans.ts';
import { Login, OidcAddress, OidcAnswer, OidcDone, OidcStart, Session } from './session.ts';
import {
  ActionDone,
  ActionRequest,
  SubscriptionDetail,
  SubscriptionPage,
  SubscriptionQuery,
} from './subscriptions.ts';

/** `public`: without a login. */
type Access = 'public' | 'viewer' | 'operator';

export interface RouteSpec {
  readonly method: 'GET' | 'POST';
  /** With `:name` for what varies; each part of the path is encoded by itself. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The JSON of a 200; absent: the answer is no JSON, see `type`. */
  readonly answer?: z.ZodType;
  /** Media type of an answer that is no JSON. */
  readonly type?: string;
  /** Statuses besides those of every route, see `openapi.ts`. */
  readonly also?: readonly number[];
}

const one = '/:integrationId/:subscriptionId';

export const routes = {
  document: {
    method: 'GET',
    path: '/api/openapi.json',
    access: 'public',
    summary: 'This document',
    type: 'application/json',
  },
  session: {
    method: 'GET',
    path: '/api/session',
    access: 'public',
    summary: 'Who is logged in, and how to log in',
    answer: Session,
  },
  login: {
    method: 'POST',
    path: '/api/login',
    access: 'public',
    summary: 'Logs in, and sets the cookie of a session',
    body: Login,
    answer: Session,
  },
  beginOidc: {
    method: 'POST',
    path: '/api/login/oidc',
    access: 'public',
    summary: 'Begins a login at the OpenID provider, and sets a cookie for its end',
    body: OidcStart,
    answer: OidcAddress,
    also: [404],
  },
  finishOidc: {
    method: 'POST',
    path: '/api/login/oidc/finish',
    access: 'public',
    summary: 'Ends that login with what the provider says, and sets the cookie of a session',
    body: OidcAnswer,
    answer: OidcDone,
    also: [404],
  },
  logout: {
    method: 'POST',
    path: '/api/logout',
    access: 'public',
    summary: 'Ends the session',
    answer: Session,
  },
  overview: {
    method: 'GET',
    path: '/api/overview',
    access: 'viewer',
    summary: 'The chain from APIM to AWS with states and reasons; alerts first',
    answer: Overview,
  },
  estateTree: {
    method: 'GET',
    path: '/api/estate/tree',
    access: 'viewer',
    summary: 'Accounts and regions, with numbers of APIs and stages',
    answer: EstateTree,
  },
  estate: {
    method: 'GET',
    path: '/api/estate',
    access: 'viewer',
    summary: 'Stages: search and page',
    query: EstateQuery,
    answer: EstatePage,
  },
  stage: {
    method: 'GET',
    path: '/api/estate/:uniqueId',
    access: 'viewer',
    summary: 'One stage: why it is hidden or stale, its document, what APIM was last told',
    answer: StageDetail,
    also: [404],
  },
  stageDocument: {
    method: 'GET',
    path: '/api/estate/:uniqueId/document',
    access: 'viewer',
    summary: 'The OpenAPI document of a stage, as AWS exported it: hostile text',
    type: 'application/json',
    also: [404],
  },
  explain: {
    method: 'GET',
    path: '/api/estate/:uniqueId/explanation',
    access: 'viewer',
    summary:
      'What stage, include, exclude and filter of the integration say of a stage; with `filter`, what that one would',
    query: ExplainQuery,
    answer: Explanation,
    also: [404],
  },
  why: {
    method: 'GET',
    path: '/api/why/:query',
    access: 'viewer',
    summary:
      'Why an API is or is not in APIM, as far as the agent knows; `query` is a unique id, a REST API id or a part of a name',
    answer: Why,
  },
  whyInAws: {
    method: 'POST',
    path: '/api/why/:query',
    access: 'operator',
    summary:
      'The same, and looks in AWS for what the catalog does not have: two lists of every account and region',
    answer: Why,
  },
  scans: {
    method: 'GET',
    path: '/api/scans',
    access: 'viewer',
    summary: 'The targets, and how far their scans are',
    answer: Scans,
  },
  scan: {
    method: 'POST',
    path: '/api/scans',
    access: 'operator',
    summary: 'Asks for a scan now',
    body: ScanRequest,
    answer: ScanAsked,
    also: [404],
  },
  ingests: {
    method: 'GET',
    path: '/api/ingests',
    access: 'viewer',
    summary: 'Ingest jobs, newest first',
    answer: Ingests,
  },
  subscriptions: {
    method: 'GET',
    path: '/api/subscriptions',
    access: 'viewer',
    summary: 'Subscriptions: search and page',
    query: SubscriptionQuery,
    answer: SubscriptionPage,
  },
  subscriptionsExport: {
    method: 'GET',
    path: '/api/subscriptions/export',
    access: 'viewer',
    summary: 'All subscription records without key values, as JSON lines',
    type: 'application/jsonl',
  },
  subscription: {
    method: 'GET',
    path: `/api/subscriptions${one}`,
    access: 'viewer',
    summary: 'One subscription with its timeline, and what an operator may do',
    answer: SubscriptionDetail,
    also: [404],
  },
  act: {
    method: 'POST',
    path: `/api/subscriptions${one}/actions`,
    access: 'operator',
    summary: "An operator's decision about a subscription",
    body: ActionRequest,
    answer: ActionDone,
    also: [404, 409],
  },
  reconciliation: {
    method: 'GET',
    path: '/api/reconcile',
    access: 'viewer',
    summary: 'The last comparison of the records with the API keys in AWS, or how far it is',
    answer: Reconciliation,
  },
  reconcile: {
    method: 'POST',
    path: '/api/reconcile',
    access: 'operator',
    summary: 'Starts a comparison of the records with the API keys in AWS; it changes nothing',
    body: ReconcileRequest,
    answer: Reconciliation,
    also: [409],
  },
  deleteKey: {
    method: 'POST',
    path: '/api/reconcile/delete',
    access: 'operator',
    summary: 'Deletes an orphan that the agent provably made; it is judged anew before',
    body: DeleteKeyRequest,
    answer: Done,
    also: [404, 409, 503],
  },
  events: {
    method: 'GET',
    path: '/api/events',
    access: 'viewer',
    summary: 'The audit trail, newest first',
    query: EventQuery,
    answer: EventPage,
  },
  eventsExport: {
    method: 'GET',
    path: '/api/events/export',
    access: 'viewer',
    summary: 'The audit trail as a file, oldest first: JSON lines or CSV',
    query: ExportQuery,
    type: 'application/jsonl',
  },
  dead: {
    method: 'GET',
    path: '/api/dead',
    access: 'viewer',
    summary: 'Dead letters, newest first',
    answer: DeadLetters,
  },
  deadLetter: {
    method: 'GET',
    path: '/api/dead/:sequence',
    access: 'viewer',
    summary: 'One dead letter with its data',
    answer: DeadLetterDetail,
    also: [404],
  },
  replay: {
    method: 'POST',
    path: '/api/dead/:sequence/replay',
    access: 'operator',
    summary: 'Sends the message again, and removes the letter',
    answer: Done,
    also: [404, 409],
  },
  discard: {
    method: 'POST',
    path: '/api/dead/:sequence/discard',
    access: 'operator',
    summary: 'Removes the letter',
    answer: Done,
    also: [404],
  },
  configuration: {
    method: 'GET',
    path: '/api/configuration',
    access: 'viewer',
    summary: 'The effective configuration of each process, with sources; secrets are masked',
    answer: Configuration,
  },
  doctor: {
    method: 'GET',
    path: '/api/doctor',
    access: 'viewer',
    summary: 'The last report of the doctor',
    answer: DoctorReport,
  },
  runDoctor: {
    method: 'POST',
    path: '/api/doctor',
    access: 'operator',
    summary: 'Starts the doctor; it asks APIM and AWS, and takes up to half a minute',
    answer: DoctorReport,
    also: [409],
  },
  live: {
    method: 'GET',
    path: '/api/live',
    access: 'viewer',
    summary: 'Server-sent events: `changed` (topics to read again) and `audit` (an event as it happens)',
    type: 'text/event-stream',
  },
} as const satisfies Readonly<Record<string, RouteSpec>>;

export type RouteName = keyof typeof routes;
