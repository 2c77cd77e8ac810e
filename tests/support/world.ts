import type { Agent } from './agent.ts';
import type { ApimKind, ApimPeer } from './apim-peer.ts';
import type { AwsKind, AwsPeer } from './aws-peer.ts';
import type { Fleet } from './fleet.ts';

/** Whom a scenario is played against. */
export interface Peers {
  readonly apim: ApimKind;
  readonly aws: AwsKind;
  /** One of each service on one broker without it. */
  readonly fleet?: Fleet;
}

/** What a scenario works with: both peers and the agent between them. */
export interface World {
  readonly apim: ApimPeer;
  readonly aws: AwsPeer;
  readonly agent: Agent;
  readonly timeScale: number;
}
