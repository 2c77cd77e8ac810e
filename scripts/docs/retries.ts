/** What the agent tries again by itself: the table of `docs/errors.md`, with the durations as the code has them. */
import { realLimits as limits } from '@federation-agent/contracts';

export interface RetryLoop {
  readonly what: string;
  /** Where it ends. */
  readonly until: string;
  readonly pauses: string;
  /** The source, and the test of the pauses or of the number of calls. */
  readonly source: string;
  readonly test: string;
}

const seconds = (ms: number): string =>
  ms >= 60_000 ? `${ms / 60_000} min` : ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`;
const command = `the command's deadline, ${seconds(limits.commandDeadline)}`;

export const retryLoops: readonly RetryLoop[] = [
  {
    what: "A read of AWS that failed (5xx, time-out, 429, not AWS's answer)",
    until: '3 calls',
    pauses: '200 ms, 400 ms; after a 429 1 s, 2 s; each jittered down to nothing, never before Retry-After',
    source: 'libs/aws-control-plane/src/call.ts',
    test: 'libs/aws-control-plane/src/reads.test.ts',
  },
  {
    what: 'Any call of AWS with credentials that were refused',
    until: '1 repeat, with new ones',
    pauses: 'none',
    source: 'libs/aws-control-plane/src/call.ts',
    test: 'libs/aws-control-plane/src/rotation.test.ts',
  },
  {
    what: 'CreateApiKey or ImportApiKeys of which nobody knows what became',
    until: command,
    pauses: [4, 8, 16, 32].map((often) => seconds(limits.sagaPause * often)).join(', ') + ', and so on',
    source: 'services/subscription-manager/src/saga/drive.ts',
    test: 'services/subscription-manager/src/saga/drive.test.ts',
  },
  {
    what: 'The same, answered with success that cannot be read',
    until: '3 repeats, then `unresolved` and an alert',
    pauses: 'the same',
    source: 'services/subscription-manager/src/saga/rows-of-creating.ts',
    test: 'services/subscription-manager/src/uncertainty.test.ts',
  },
  {
    what: 'CreateUsagePlanKey whose key is not on the plan yet; a SUBSCRIBE while the life before ends',
    until: command,
    pauses: [1, 2, 4].map((often) => seconds(limits.sagaPause * often)).join(', ') + ', and so on',
    source: 'services/subscription-manager/src/saga/drive.ts',
    test: 'services/subscription-manager/src/saga/drive.test.ts',
  },
  {
    what: 'A command that failed and may work when it is run again',
    until: command,
    pauses: `${seconds(limits.replyRequestPause)}, longer by as much each time, up to ${seconds(10 * limits.replyRequestPause)}; jittered`,
    source: 'libs/service-kit/src/broker/run-command.ts',
    test: 'libs/service-kit/src/broker/worker.test.ts',
  },
  {
    what: 'DeleteApiKey, and whatever else a life leaves to the sweeper',
    until: 'it is done',
    pauses: seconds(limits.sweepInterval),
    source: 'services/subscription-manager/src/saga/sweep.ts',
    test: 'services/subscription-manager/src/uncertainty.test.ts',
  },
  {
    what: 'The search for a key that a lost call may have left',
    until: 'it is found, or is not there',
    pauses: seconds(limits.lateCall),
    source: 'services/subscription-manager/src/saga/purge.ts',
    test: 'services/subscription-manager/src/saga/transition.test.ts',
  },
  {
    what: 'A scan that was not complete',
    until: 'it is',
    pauses: `${seconds(limits.scanInterval / 5)}, or the schedule's own where that is sooner`,
    source: 'services/aws-discovery/src/scan/scan-loop.ts',
    test: 'services/aws-discovery/src/scan/claim.test.ts',
  },
  {
    what: 'An ingest job that was interrupted',
    until: 'it is done, within its day',
    pauses: `${seconds(limits.brokerCall)} when the broker was away, else ${seconds(limits.claimRenewal)}`,
    source: 'services/aws-discovery/src/ingest/job-loop.ts',
    test: 'services/aws-discovery/src/ingest/job-loop.test.ts',
  },
  {
    what: 'An INGEST message of which APIM takes nothing',
    until: `${seconds(limits.ingestPatience)} while APIM is away, ${seconds(limits.ingestDoubt)} while it answers and refuses every API; then a dead letter`,
    pauses: `from ${seconds(limits.backOffFirst)}, doubled each time, up to ${seconds(limits.ingestRetryCap)}`,
    source: 'services/gateway-link/src/ingest/patience.ts',
    test: 'services/gateway-link/src/ingest/patience.test.ts',
  },
  {
    what: 'A connection to APIM that was lost or not made',
    until: 'the process ends',
    pauses: `from ${seconds(limits.backOffFirst)}, half as long again each time, up to ${seconds(limits.backOffCap)}; jittered. After GOOD_BYE ${seconds(limits.goodByeReconnect)}, after a 401 or a refused HELLO ${seconds(limits.refusedRetry)}`,
    source: 'services/gateway-link/src/channel/state.ts',
    test: 'services/gateway-link/src/channel/back-off.test.ts',
  },
  {
    what: 'A publish that the broker does not acknowledge, with the same id',
    until: "the message's own limit",
    pauses: seconds(limits.publishRetry),
    source: 'libs/service-kit/src/broker/publish.ts',
    test: 'libs/service-kit/src/broker/publish.test.ts',
  },
  {
    what: 'A reply that the link does not answer for',
    until: `${command}; or ${seconds(limits.linkGone)} without a link`,
    pauses: `${seconds(limits.replyRequestTimeout)} of patience, then ${seconds(limits.replyRequestPause)}`,
    source: 'libs/service-kit/src/broker/reply.ts',
    test: 'libs/service-kit/src/broker/worker.test.ts',
  },
  {
    what: 'A connection to the broker',
    until: 'the process ends',
    pauses: '250 ms',
    source: 'libs/service-kit/src/broker/connect.ts',
    test: 'libs/service-kit/src/broker/connect.test.ts',
  },
];
