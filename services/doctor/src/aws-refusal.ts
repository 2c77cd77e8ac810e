/** Finds out which policy refused an AWS call, from the message of the refusal, and which statement fixes it. */
import type { AwsDenied } from '@federation-agent/aws-control-plane';

/** `with an explicit deny in a service control policy`, `because no permissions boundary allows the ... action`. */
const denies = /with an explicit deny(?: in (?:an? |the )?(?<kind>[a-z- ]*policy|permissions boundary))?/iu;
const allowsNot = /because no (?<kind>[a-zA-Z- ]+?) allows the/u;

/** What to change, and where. An Allow does not help against a Deny. */
export function denialFix({ message, action: Action, resource: Resource }: AwsDenied): string {
  const deny = denies.exec(message);
  if (deny !== null) {
    const kind = deny.groups?.['kind'] ?? 'policy (of the identity, its boundary, or the organisation)';
    return `remove the Deny for ${Action} on ${Resource} from the ${kind}: an Allow elsewhere does not help against it`;
  }
  const kind = allowsNot.exec(message)?.groups?.['kind'] ?? 'identity-based policy';
  const where = kind === 'identity-based policy' ? 'policy of this identity' : kind;
  return `add to the ${where}: ${JSON.stringify({ Effect: 'Allow', Action, Resource })}`;
}
