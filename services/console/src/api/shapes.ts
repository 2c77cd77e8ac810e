/** The shapes of the API by their names in its document. */
import type { z } from 'zod';
import * as common from './common.ts';
import * as dead from './dead.ts';
import * as estate from './estate.ts';
import * as events from './events.ts';
import * as live from './live.ts';
import * as overview from './overview.ts';
import * as reconcile from './reconcile.ts';
import * as scans from './scans.ts';
import * as session from './session.ts';
import * as subscriptions from './subscriptions.ts';
import * as system from './system.ts';

export const shapes: Readonly<Record<string, z.ZodType>> = {
  ApiError: common.ApiError,
  Done: common.Done,
  PartState: common.PartState,
  Role: session.Role,
  Session: session.Session,
  Login: session.Login,
  OidcStart: session.OidcStart,
  OidcAddress: session.OidcAddress,
  OidcAnswer: session.OidcAnswer,
  OidcDone: session.OidcDone,
  Overview: overview.Overview,
  Part: overview.Part,
  PartItem: overview.PartItem,
  Alert: overview.Alert,
  AgentProcess: overview.AgentProcess,
  ListingState: estate.ListingState,
  ListingReason: estate.ListingReason,
  StageRow: estate.StageRow,
  StagePlan: estate.StagePlan,
  EstatePage: estate.EstatePage,
  EstateTree: estate.EstateTree,
  StageDetail: estate.StageDetail,
  PlanDetail: estate.PlanDetail,
  Explanation: estate.Explanation,
  Why: estate.Why,
  Progress: scans.Progress,
  ScanTarget: scans.ScanTarget,
  Scans: scans.Scans,
  ScanRequest: scans.ScanRequest,
  ScanAsked: scans.ScanAsked,
  Ingest: scans.Ingest,
  Ingests: scans.Ingests,
  SubscriptionRow: subscriptions.SubscriptionRow,
  SubscriptionPage: subscriptions.SubscriptionPage,
  SubscriptionDetail: subscriptions.SubscriptionDetail,
  AllowedAction: subscriptions.AllowedAction,
  ActionRequest: subscriptions.ActionRequest,
  ActionDone: subscriptions.ActionDone,
  ReconcileRequest: reconcile.ReconcileRequest,
  ReconcileTarget: reconcile.ReconcileTarget,
  FindingKind: reconcile.FindingKind,
  Finding: reconcile.Finding,
  Reconciliation: reconcile.Reconciliation,
  DeleteKeyRequest: reconcile.DeleteKeyRequest,
  AuditEvent: events.AuditEvent,
  EventPage: events.EventPage,
  DeadLetterRow: dead.DeadLetterRow,
  DeadLetters: dead.DeadLetters,
  DeadLetterDetail: dead.DeadLetterDetail,
  Configuration: system.Configuration,
  DoctorCheck: system.DoctorCheck,
  DoctorReport: system.DoctorReport,
  Changed: live.Changed,
};
