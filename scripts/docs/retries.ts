/** What the agent tries again by itself: the table in `docs/errors.md`, with the durations from the code. */
import { realLimits as limits } from '@federation-agent/contracts';

export interface RetryLoop {
  readonly what: string;
  /** When the tries end. */
  readonly until: string;
  readonly pauses: string;
  readonly source: string;
  /** The test that counts the calls and checks pauses and end. */
  readonly test: { readonly file: string; readonly name: string };
}

const seconds = (ms: number): string =>
  ms >= 60_000 ? `${ms / 60_000} min` : ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`;
const command = `the command's deadline, ${seconds(limits.commandDeadline)}`;

export const retryLoops: readonly RetryLoop[] = [
  {
    what: "A read of AWS that failed (5xx, time-out, 429, not AWS's answer)",
    until: '3 calls',
    pauses: 'up to 200 ms, 400 ms; after a 429 up to 1 s, 2 s; by chance, never before Retry-After',
    source: 'libs/aws-control-plane/src/call.ts',
    test: {
      file: 'tests/aws-control-plane/tries.test.ts',
      name: 'that fails with %d is made three times, with pauses of %j ms at the most',
    },
  },
  {
    what: 'A call of STS that failed: who we are, or a role to assume',
    until: `3 calls for each look at the targets; these come every ${seconds(limits.sweepInterval)} until STS answers`,
    pauses: "those of AWS's SDK, below 1 s",
    source: 'libs/aws-control-plane/src/caller-identity.ts',
    test: {
      file: 'tests/aws-control-plane/tries.test.ts',
      name: 'is asked who we are three times for each look at the targets',
    },
  },
  {
    what: 'Instance metadata that returns no credentials',
    until: '4 calls each time that credentials are needed',
    pauses: 'none',
    source: 'libs/aws-control-plane/src/credentials.ts',
    test: {
      file: 'tests/aws-control-plane/default-chain.test.ts',
      name: 'IMDSv2 that never gives credentials is asked for them four times, and no more',
    },
  },
  {
    what: 'Any AWS call whose credentials were refused',
    until: '1 repeat, with new ones',
    pauses: 'none',
    source: 'libs/aws-control-plane/src/call.ts',
    test: {
      file: 'tests/aws-control-plane/rotation.test.ts',
      name: 'nor the next one: an error, after one more try',
    },
  },
  {
    what: 'CreateApiKey or ImportApiKeys whose outcome nobody knows',
    until: command,
    pauses: [4, 8, 16, 32].map((often) => seconds(limits.sagaPause * often)).join(', ') + ', and so on',
    source: 'services/subscription-manager/src/saga/drive.ts',
    test: {
      file: 'services/subscription-manager/src/tries.test.ts',
      name: 'a creating call of which nobody knows is repeated after 1, 2, 4, 8 s, and so on, until the deadline',
    },
  },
  {
    what: 'CreateApiKey or ImportApiKeys, answered with a success that cannot be read',
    until: '3 repeats, then `unresolved` and an alert',
    pauses: 'as for an unknown outcome',
    source: 'services/subscription-manager/src/saga/rows-of-creating.ts',
    test: {
      file: 'services/subscription-manager/src/uncertainty.test.ts',
      name: 'is asked three times more and not a fourth: unresolved, with the name to look for',
    },
  },
  {
    what: 'CreateUsagePlanKey, while the key is not on the plan yet',
    until: command,
    pauses: [1, 2, 4].map((often) => seconds(limits.sagaPause * often)).join(', ') + ', and so on',
    source: 'services/subscription-manager/src/saga/drive.ts',
    test: {
      file: 'services/subscription-manager/src/tries.test.ts',
      name: 'a key that is not on its plan yet is put there after 250, 500, 1,000 ms, and so on, until the deadline',
    },
  },
  {
    what: 'A SUBSCRIBE, while the life before it ends',
    until: command,
    pauses: [1, 2, 4].map((often) => seconds(limits.sagaPause * often)).join(', ') + ', and so on',
    source: 'services/subscription-manager/src/saga/drive.ts',
    test: {
      file: 'services/subscription-manager/src/tries.test.ts',
      name: 'a SUBSCRIBE looks after 250, 500, 1,000 ms and then each second whether the life before has ended',
    },
  },
  {
    what: 'A command that failed with a retryable error',
    until: command,
    pauses: `${seconds(limits.replyRequestPause)}, longer by as much each time, up to ${seconds(10 * limits.replyRequestPause)}; jittered`,
    source: 'libs/broker/src/commands/run-command.ts',
    test: {
      file: 'libs/broker/src/tries.test.ts',
      name: 'a command that fails for now is run again after 200 ms, and 200 ms more each time up to 2 s, for 50 s; then it is answered',
    },
  },
  {
    what: 'DeleteApiKey, and what else is left to the sweeper',
    until: 'it is done',
    pauses: seconds(limits.sweepInterval),
    source: 'services/subscription-manager/src/saga/sweep.ts',
    test: {
      file: 'services/subscription-manager/src/tries.test.ts',
      name: 'deletes a key every 10 s until it is deleted, and not once more',
    },
  },
  {
    what: 'The search for a key that a lost call may have made',
    until: 'it is found, or is certainly not there',
    pauses: seconds(limits.lateCall),
    source: 'services/subscription-manager/src/saga/purge.ts',
    test: {
      file: 'services/subscription-manager/src/tries.test.ts',
      name: 'looks for a key that a lost call may have left every W until AWS answers, and not once more',
    },
  },
  {
    what: 'A scan that was not complete',
    until: 'it is',
    pauses: `${seconds(limits.scanInterval / 5)}, or by the schedule when that is sooner`,
    source: 'services/aws-discovery/src/scan/scan-loop.ts',
    test: {
      file: 'services/aws-discovery/src/scan/tries.test.ts',
      name: 'a scan that was not complete comes again after a fifth of the interval until it is, and not once more',
    },
  },
  {
    what: 'A broker call of a scan that gets no answer',
    until: `${seconds(limits.brokerGrace)}, then the scan breaks off`,
    pauses: seconds(limits.publishRetry),
    source: 'services/aws-discovery/src/catalog/retry-broker.ts',
    test: {
      file: 'services/aws-discovery/src/scan/tries.test.ts',
      name: 'a scan goes on after the broker was away, and reads nothing twice',
    },
  },
  {
    what: 'An export of a document that failed',
    until: 'it works, or the stage has another deployment',
    pauses: '1 scan, then 2, 4, 8 scans, and so on, up to a day',
    source: 'services/aws-discovery/src/catalog/documents.ts',
    test: {
      file: 'services/aws-discovery/src/scan/tries.test.ts',
      name: 'an export that failed is tried at the next scan, then at every other, every fourth, every eighth',
    },
  },
  {
    what: 'An ingest job that was interrupted',
    until: 'it is done, within its day',
    pauses: `${seconds(limits.brokerCall)} when the broker was away, else ${seconds(limits.claimRenewal)}`,
    source: 'services/aws-discovery/src/ingest/job-loop.ts',
    test: {
      file: 'services/aws-discovery/src/ingest/tries.test.ts',
      name: 'a job that the broker interrupts is tried again after each second until the broker is back, and not once more',
    },
  },
  {
    what: 'An account whose credentials an ingest job does not have yet',
    until: '3 questions for each job',
    pauses: seconds(limits.claimRenewal),
    source: 'services/aws-discovery/src/ingest/job-aws.ts',
    test: {
      file: 'services/aws-discovery/src/ingest/job-aws.test.ts',
      name: 'one that goes on waiting is left alone after a few times',
    },
  },
  {
    what: 'An INGEST message of which APIM accepts nothing',
    until: `${seconds(limits.ingestRetryFor)} while APIM is away, ${seconds(limits.ingestRefusedRetryFor)} while it answers and refuses every API; then a dead letter`,
    pauses: `from ${seconds(limits.backOffFirst)}, doubled each time, up to ${seconds(limits.ingestRetryCap)}`,
    source: 'services/gateway-link/src/ingest/retry-pauses.ts',
    test: {
      file: 'services/gateway-link/src/tries.test.ts',
      name: 'is offered with doubled pauses up to a cap until its time is over; then it is a dead letter, and done is sent',
    },
  },
  {
    what: 'A connection to APIM that was lost or could not be made',
    until: 'the process ends',
    pauses: `from ${seconds(limits.backOffFirst)}, half as long again each time, up to ${seconds(limits.backOffCap)}; jittered. After GOOD_BYE ${seconds(limits.goodByeReconnect)}, after a 401 or a refused HELLO ${seconds(limits.refusedRetry)}`,
    source: 'services/gateway-link/src/channel/state.ts',
    test: {
      file: 'services/gateway-link/src/tries.test.ts',
      name: 'that is not made is dialled again, half as long again after each time, up to a cap, for ever',
    },
  },
  {
    what: 'A publish that the broker does not acknowledge; repeated with the same id',
    until: "the message's own limit",
    pauses: seconds(limits.publishRetry),
    source: 'libs/broker/src/messages/publish.ts',
    test: {
      file: 'libs/broker/src/tries.test.ts',
      name: 'a publish that nobody takes is sent every 200 ms with the same id, until its time is over',
    },
  },
  {
    what: 'A payload that cannot be stored or fetched, at the link',
    until: `the command's deadline, ${seconds(limits.commandDeadline)}; for a reply ${seconds(limits.replyDeadline)}`,
    pauses: seconds(limits.publishRetry),
    source: 'libs/broker/src/retry-until.ts',
    test: {
      file: 'services/gateway-link/src/tries.test.ts',
      name: 'a payload that the broker does not take or give is tried every 200 ms until the deadline',
    },
  },
  {
    what: 'The gate of a SUBSCRIBE that the broker does not record',
    until: `${seconds(limits.replyDeadline)} from the command on: then the key is not given`,
    pauses: seconds(limits.publishRetry),
    source: 'services/gateway-link/src/commands/gate.ts',
    test: {
      file: 'services/gateway-link/src/tries.test.ts',
      name: 'that the broker does not record is tried every 200 ms until the reply would be too late',
    },
  },
  {
    what: 'The outcome of a gate that the broker does not record',
    until: `${seconds(limits.outcomeMemory)}: then it reads as unconfirmed`,
    pauses: seconds(limits.publishRetry),
    source: 'services/gateway-link/src/commands/gate.ts',
    test: {
      file: 'services/gateway-link/src/tries.test.ts',
      name: 'that cannot be shut is tried every 200 ms for ten minutes',
    },
  },
  {
    what: 'A compare-and-set that lost to another writer',
    until: '100 writes',
    pauses: 'random, up to 20 ms',
    source: 'libs/broker/src/buckets/change-record.ts',
    test: {
      file: 'libs/broker/src/tries.test.ts',
      name: 'a change that loses to others a hundred times gives up; the pauses are 20 ms at the most',
    },
  },
  {
    what: "A compare-and-set of a subscription's record that lost",
    until: '100 writes',
    pauses: 'up to 20 ms, by chance',
    source: 'services/subscription-manager/src/saga/record.ts',
    test: {
      file: 'services/subscription-manager/src/tries.test.ts',
      name: 'a record that others change all the time is given up after a hundred writes, at most 20 ms apart',
    },
  },
  {
    what: 'A token of the AWS budget, while the broker is away',
    until: "the call's deadline; without one, the end of the scan",
    pauses: 'random, from 250 ms to 500 ms',
    source: 'libs/aws-control-plane/src/budget.ts',
    test: {
      file: 'libs/aws-control-plane/src/budget.test.ts',
      name: 'a token is asked for every 250 ms, jittered to twice that, until the caller stops',
    },
  },
  {
    what: 'The removal of the mark of a suspect message that was handled',
    until: `50 tries: then it stays for ${seconds(limits.suspectAge)}`,
    pauses: seconds(limits.publishRetry),
    source: 'libs/broker/src/messages/suspects.ts',
    test: {
      file: 'libs/broker/src/tries.test.ts',
      name: 'the mark of a message that returned is removed in 50 tries 200 ms apart, else it stays',
    },
  },
  {
    what: 'A reply that the link does not answer',
    until: seconds(limits.commandTimeout) + ' after the command came, when APIM has given up',
    pauses: `${seconds(limits.replyRequestTimeout)} time-out, then ${seconds(limits.replyRequestPause)}`,
    source: 'libs/broker/src/commands/reply.ts',
    test: {
      file: 'libs/broker/src/tries.test.ts',
      name: 'that the link does not answer for is asked for every 200 ms, until APIM has given the command up',
    },
  },
  {
    what: 'A reply whose link does not exist',
    until: seconds(limits.linkGone),
    pauses: seconds(limits.replyRequestPause),
    source: 'libs/broker/src/commands/reply.ts',
    test: {
      file: 'libs/broker/src/tries.test.ts',
      name: 'without a link is asked for every 200 ms, for 3 s',
    },
  },
  {
    what: 'A connection to the broker',
    until: 'the process ends',
    pauses: '250 ms',
    source: 'libs/broker/src/connection/connect.ts',
    test: {
      file: 'libs/broker/src/tries-without-end.test.ts',
      name: 'a broker that ends every connection is dialled every 250 ms until the process ends',
    },
  },
  {
    what: 'At the start, a stream that the broker does not serve yet',
    until: 'the process ends',
    pauses: seconds(limits.publishRetry),
    source: 'libs/broker/src/topology/ensure-topology.ts',
    test: {
      file: 'libs/broker/src/tries-without-end.test.ts',
      name: 'a stream that is not served yet is asked for every 200 ms, until the connection ends',
    },
  },
  {
    what: 'Messages that cannot be pulled',
    until: 'the process ends',
    pauses: seconds(limits.publishRetry),
    source: 'libs/broker/src/messages/pull-loop.ts',
    test: {
      file: 'libs/broker/src/tries-without-end.test.ts',
      name: 'messages are pulled again every 200 ms where that fails, until the service ends',
    },
  },
  {
    what: 'A bucket that cannot be watched',
    until: 'the process ends',
    pauses: seconds(limits.publishRetry),
    source: 'libs/broker/src/buckets/bucket-watch.ts',
    test: {
      file: 'libs/broker/src/tries-without-end.test.ts',
      name: 'a bucket is watched again every 200 ms where that fails, until the service ends',
    },
  },
  {
    what: "The question for the broker's clock, until it is known",
    until: 'the process ends',
    pauses: seconds(limits.publishRetry),
    source: 'libs/broker/src/connection/clock-offset.ts',
    test: {
      file: 'libs/broker/src/tries-without-end.test.ts',
      name: "the broker's clock is asked for every 200 ms until it is known, then every minute and when this host's is set",
    },
  },
  {
    what: 'The question to workers whether they are alive',
    until: 'the process ends',
    pauses: `20 ms, grows by x1.3 up to ${seconds(limits.aliveTimeout)}`,
    source: 'services/gateway-link/src/chain-readiness.ts',
    test: {
      file: 'services/gateway-link/src/tries.test.ts',
      name: 'workers are asked whether they are alive at once and ever slower while one is missing, else every 20 s',
    },
  },
  {
    what: 'The start of the embedded broker, when it has ended',
    until: 'the agent ends',
    pauses: '250 ms',
    source: 'libs/embedded-broker/src/embedded-broker.ts',
    test: {
      file: 'libs/embedded-broker/src/embedded-broker.test.ts',
      name: 'is started again 250 ms after each time that it ended, until the agent stops',
    },
  },
  {
    what: 'A Kubernetes secret that cannot be read or watched, once the agent runs',
    until: 'the process ends',
    pauses: '5 s; where watching is denied 30 s; jittered',
    source: 'libs/configuration/src/secrets/kubernetes.ts',
    test: {
      file: 'libs/configuration/src/secrets/tries.test.ts',
      name: 'a secret that is not there is read again every 5 s, jittered by a quarter, until the process ends',
    },
  },
];
