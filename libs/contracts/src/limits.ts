/**
 * Every size and duration that a peer or a measurement dictates, with its source. Durations are milliseconds.
 *
 * Tests scale durations down (`FEDERATION_TEST_TIME_SCALE`), so that a wait of 60 s or 15 minutes takes seconds. The
 * scale is refused unless every endpoint is loopback. Sizes are never scaled.
 */

/** With one byte more, the controller ends the connection with a bare FIN (measured 1.6.1 to 2.0.2). */
export const maxFrameBytes = 65_536;
/**
 * With one byte more, the controller silently drops the message and keeps the socket (measured). Also the default of
 * `maxWebSocketMessageSize`.
 */
export const maxMessageBytes = 13_107_200;
/** A larger payload is sent as a reference: the broker limits a message to 1 MiB. */
export const claimCheckBytes = 256 * 1024;
/** A stored payload or document is cut into pieces of this size (20 MiB in 40 of them: 0.15 s, measured). */
export const chunkBytes = 512 * 1024;
/** AWS: a page of a list has at most 500 items; 25 by default. */
export const awsPageSize = 500;
/** AWS: 10,000 API keys per account and region, fixed. Warn at 90 %. */
export const awsApiKeyLimit = 10_000;

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const durations = {
  /** The controller's fixed reply timeout for every command. */
  commandTimeout: 60 * second,
  /** From receipt of a command: after it no command is started and no creating call is made. */
  commandDeadline: 50 * second,
  /** From receipt of a command: then the link itself answers ERROR. */
  replyDeadline: 55 * second,
  /** DISCOVER: targets that are not read by then make the answer partial. */
  discoverDeadline: 45 * second,
  /** The same when there is a catalog to answer with, because something was read before. */
  discoverDeadlineWithCatalog: 10 * second,
  /** The same for a target that failed or hung the last time. */
  troubledTargetDeadline: 3 * second,
  /** How long the link remembers an outcome by command id. */
  outcomeMemory: 10 * minute,

  /** When HELLO is not answered by then, the link closes and dials again. */
  helloTimeout: 10 * second,
  /** TCP, TLS and upgrade together. */
  handshakeTimeout: 10 * second,
  /** Idle proxies cut connections after about 60 s. */
  pingInterval: 5 * second,
  /** After this time without data and without a pong, the peer counts as dead. */
  deadPeer: 15 * second,
  /** A SUCCEEDED reply is written only on a socket that answered a ping within this. */
  freshPong: 5 * second,
  /**
   * The first pause before a saga looks again. It doubles each time, up to 1 s. After the nth ambiguous creating call
   * it is 1, 2, 4, 8 s.
   */
  sagaPause: second / 4,
  /** How long a closing socket may take to echo our Close. */
  closeTimeout: 2 * second,
  /** Back-off after a lost connection: first pause, and longest pause; it grows by a factor of 1.5 and is jittered. */
  backOffFirst: second,
  backOffCap: 300 * second,
  /** The pause after GOOD_BYE {reconnect: true}: the link is back within a second. */
  goodByeReconnect: second / 2,
  /** The pause after a 401 or a refused HELLO (jittered), or after the broker denied the console a subject. */
  refusedRetry: 60 * second,
  /** How long the link keeps its sockets while the broker is away. */
  brokerGrace: 10 * second,
  /** How often workers are asked on `alive` while all of them answer. */
  aliveInterval: 20 * second,
  /** Time-out of one such question. */
  aliveTimeout: second,
  /** A worker counts as well while its last answer is not older than this. */
  aliveMemory: 30 * second,
  /** A worker answers `alive` only while its pull loop has turned within this time. */
  loopTurn: 15 * second,

  /** Default time-out of a JetStream or KV call. A call during a network cut hangs for its whole time-out. */
  brokerCall: second,
  /** A publish without acknowledgement is repeated with the same id after this time. */
  publishRetry: 200,
  /** `link.<linkId>.reply`: time-out of one request, and the pause before the next. */
  replyRequestTimeout: 2 * second,
  replyRequestPause: 200,
  /** After this time without responders, the link counts as gone. */
  linkGone: 3 * second,
  /** A killed worker costs this much of the 60 s. */
  ackWait: 10 * second,
  /** How often a handler calls `working()`. */
  workingInterval: 3 * second,
  /** The delay before the redelivery of a command whose integration this replica does not have. */
  foreignDelay: 2 * second,
  /** COMMANDS and INGEST `max_age`, INGEST consumers' `inactive_threshold`. */
  workAge: hour,
  /** EVENTS `max_age`. */
  eventAge: 7 * 24 * hour,
  /** DEAD `max_age`. */
  deadAge: 30 * 24 * hour,
  /** TTL of `payloads`: above INGEST's `max_age`. */
  payloadAge: 2 * hour,
  /** TTL of `suspects`. */
  suspectAge: hour,
  /** COMMANDS `duplicate_window`: longer than the publish retry. */
  duplicateWindow: 2 * minute,
  /** DEAD `duplicate_window`. */
  deadDuplicateWindow: hour,

  /**
   * The wait before the first batch: APIM drops a batch that overtakes its own START_INGEST bookkeeping. Default of
   * `federation.ingest.startDelayMs`.
   */
  ingestStartDelay: second,
  /** APIM ends a job after 5 minutes without a batch, so an empty one is sent at least this often. */
  ingestKeepAlive: 2 * minute,
  /**
   * The longest pause before a batch is offered again of which APIM accepts nothing. Pauses start at `backOffFirst` and
   * double.
   */
  ingestRetryCap: 30 * second,
  /**
   * How long a batch is offered while APIM does not even accept an empty message, because its database is away. Batches
   * live for `workAge`.
   */
  ingestRetryFor: 15 * minute,
  /**
   * How long a batch is offered while APIM accepts an empty message but none of the APIs: longer than the failover of a
   * database.
   */
  ingestRefusedRetryFor: 5 * minute,
  /** A claim on a scan or an ingest job runs out after this. */
  claim: 30 * second,
  claimRenewal: 10 * second,
  /** Default schedule of a target. */
  scanInterval: 15 * minute,
  /** DISCOVER refreshes the lists when they are older than this. */
  listsFresh: 5 * second,
  /** SQS: the longest wait of a ReceiveMessage for a message. */
  queueWait: 20 * second,
  /** A message about a change that was received and not deleted comes again after this time. */
  changeVisibility: minute,
  /** How long changes of a target are gathered before AWS is read: people and tools change several things at once. */
  changePause: second,
  /**
   * A change is read no earlier than this after it was made: an HTTP API deploys itself a moment after the call that
   * changed it. CloudTrail's events mostly take longer.
   */
  changeAge: 3 * second,
  /** Two reads of a target because of changes begin at least this far apart. */
  changesApart: 4 * second,
  /** While changes are heard as they happen, a target is scanned at least this often. */
  scanBackstop: 6 * hour,
  /** How long a message about a target proves that its changes are sent to the queue. */
  changesTrusted: 24 * hour,
  /** How often the time of the last message about a target is noted in its record. */
  changesNoted: hour,
  /** Documents that no entry names are removed after this time. */
  documentGrace: hour,

  /** How often the sweeper looks at every record. */
  sweepInterval: 10 * second,
  /** An attempt counts as past this long after its deadline. */
  attemptGrace: 10 * second,
  /** A gate that says `writing` for this long reads as unconfirmed. */
  writingGate: 60 * second,
  /**
   * W: how long a creating call may still execute after it was sent. AWS accepts a signed request for 5 minutes; the
   * rest covers the client's time-out and any clock error.
   */
  lateCall: 15 * minute,
  /** The time for one run of a purge; another run waits W again. */
  purgeRun: 30 * second,
  /** How long a revoked record stays as a tombstone, and a gate stays after its outcome. */
  tombstone: 24 * hour,
  /** Total time-out of a creating call; never above `ackWait`. */
  creatingCall: 10 * second,
  /** Total time-out of a read; an export may take `exportCall`. */
  readCall: 30 * second,
  exportCall: 60 * second,
  connectCall: 3 * second,
  /** The largest allowed difference between a host's clock and the broker's; with more the replica is not ready. */
  clockSkew: 2 * second,
  /** How often the broker's clock is taken from a write of ours; also when this host's clock was set. */
  clockCheck: 60 * second,
  /** SUBSCRIBE, UNSUBSCRIBE and DISCOVER reserve a token up to this far ahead; a scan takes only a slot that is due. */
  budgetReserve: 5 * second,
  /** How often a reduced rate grows by a tenth without a 429. */
  budgetRecovery: 30 * second,

  /** Inside the agent, a start of the console that takes longer is reported; it goes on. */
  consoleStart: 10 * second,

  /** SIGTERM to exit 0. */
  shutdown: 10 * second,
} as const;

/** All durations in milliseconds. */
export type Limits = { readonly [name in keyof typeof durations]: number };

/** The real durations. */
export const realLimits: Limits = durations;

/**
 * What a scaled duration never falls below: what a busy machine needs for one round trip, and the order that must hold
 * (deadline < reply deadline < command time-out; a creating call within the ack wait).
 */
const floors: Partial<Record<keyof typeof durations, number>> = {
  commandTimeout: 7_000, // Far above the reply deadline: a disk that stands still for a second costs nothing of it.
  commandDeadline: 4_000,
  replyDeadline: 4_500,
  discoverDeadline: 3_500,
  discoverDeadlineWithCatalog: 3_400,
  troubledTargetDeadline: 1_000,
  helloTimeout: 5_000,
  handshakeTimeout: 4_000,
  pingInterval: 250,
  deadPeer: 3_000,
  freshPong: 1_000,
  closeTimeout: 500,
  brokerGrace: 1_000,
  aliveInterval: 250,
  aliveTimeout: 500,
  aliveMemory: 2_000,
  loopTurn: 3_000,
  brokerCall: 500,
  publishRetry: 50,
  replyRequestTimeout: 500,
  replyRequestPause: 50,
  linkGone: 1_000,
  ackWait: 1_000,
  workingInterval: 300,
  foreignDelay: 200,
  workAge: 60_000,
  payloadAge: 120_000,
  suspectAge: 60_000,
  duplicateWindow: 2_000,
  deadDuplicateWindow: 2_000,
  ingestStartDelay: 50,
  ingestKeepAlive: 1_000,
  ingestRetryCap: 200,
  ingestRetryFor: 10_000,
  ingestRefusedRetryFor: 3_000,
  claim: 2_000,
  claimRenewal: 500,
  listsFresh: 250,
  queueWait: 1_000,
  changeVisibility: 2_000,
  sweepInterval: 250,
  writingGate: 7_000,
  lateCall: 4_000,
  purgeRun: 2_000,
  creatingCall: 1_000,
  readCall: 2_000,
  exportCall: 3_000,
  connectCall: 1_000,
  clockSkew: 2_000,
  clockCheck: 500,
  budgetReserve: 2_500,
  shutdown: 10_000,
};

/**
 * The durations divided by `scale` (20 makes 60 s last 3 s), each at its floor or 1 ms at the least.
 *
 * @throws RangeError when `scale` is below 1.
 */
export function limitsAt(scale: number): Limits {
  if (!(scale >= 1)) throw new RangeError(`the time scale must be 1 or more, not ${scale}`);
  const names = Object.keys(durations) as (keyof typeof durations)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      Math.min(durations[name], Math.max(floors[name] ?? 1, Math.round(durations[name] / scale))),
    ]),
  ) as { [name in keyof typeof durations]: number };
}
