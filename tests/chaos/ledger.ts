import type { Random } from './random.ts';

/** A plan to which an application may subscribe. */
export interface Offer {
  readonly integration: string;
  readonly region: string;
  /** `Api.id`, as the agent named it. */
  readonly apiId: string;
  readonly planId: string;
  /** What APIM sends with a subscription: the API's connection details. */
  readonly details: Readonly<Record<string, string>>;
}

/** What the agent's reply to SUBSCRIBE gave to APIM. */
export interface Granted {
  readonly apiKey: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A subscription as APIM knows it. */
export interface Subscription {
  readonly id: string;
  readonly offer: Offer;
  /** Undefined: nothing was accepted, or it was closed. It stays while an UNSUBSCRIBE has not succeeded. */
  granted: Granted | undefined;
  /** What it had before it was closed: APIM may close it again. */
  last: Granted | undefined;
  /** An UNSUBSCRIBE was sent but did not succeed: the key may exist or not. */
  ending: boolean;
  /** A SUBSCRIBE of this life had no reply: the agent may have done nothing, a part, or all of it. */
  unsure: boolean;
  subscribing: number;
  unsubscribing: number;
}

/**
 * All subscriptions, and what APIM may do with each. It never does two things with one subscription that APIM itself
 * would not do.
 */
export interface Ledger {
  readonly all: readonly Subscription[];
  open(offer: Offer): Subscription;
  /** A subscription to send a SUBSCRIBE for again: refused, unanswered, closed, or accepted and accepted once more. */
  toSubscribe(random: Random): Subscription | undefined;
  toUnsubscribe(random: Random): Subscription | undefined;
  closed(random: Random): Subscription | undefined;
  /** Records a SUCCEEDED reply. Returns what is wrong with it. */
  accepted(subscription: Subscription, granted: Granted): string | undefined;
  closedBy(subscription: Subscription, succeeded: boolean): void;
}

export function createLedger(nameOf: (count: number) => string): Ledger {
  const all: Subscription[] = [];
  const oneOf = (random: Random, may: (one: Subscription) => boolean): Subscription | undefined => {
    const those = all.filter(may);
    return those.length === 0 ? undefined : random.pick(those);
  };
  return {
    all,
    open: (offer) => {
      const made: Subscription = {
        id: nameOf(all.length),
        offer,
        granted: undefined,
        last: undefined,
        ending: false,
        unsure: false,
        subscribing: 0,
        unsubscribing: 0,
      };
      all.push(made);
      return made;
    },
    toSubscribe: (random) => oneOf(random, (one) => one.unsubscribing === 0 && !one.ending),
    toUnsubscribe: (random) => oneOf(random, (one) => one.subscribing === 0 && one.granted !== undefined),
    closed: (random) =>
      oneOf(random, (one) => one.subscribing === 0 && one.granted === undefined && one.last !== undefined),
    accepted: (one, granted) => {
      const before = one.granted;
      one.granted = granted;
      one.last = granted;
      if (before && before.apiKey !== granted.apiKey) {
        return `subscription ${one.id} was accepted with one key and, not closed between, with another`;
      }
      return undefined;
    },
    closedBy: (one, succeeded) => {
      // Of two UNSUBSCRIBEs at the same time the second may fail after the first succeeded: the subscription stays
      // closed.
      if (one.granted === undefined) return;
      one.ending = !succeeded;
      if (!succeeded) return;
      one.granted = undefined;
      one.unsure = false;
    },
  };
}
