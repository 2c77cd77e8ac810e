import { forbidden } from './errors.ts';
import { newUpper, newKeyValue } from './ids.ts';
import { FULL_POLICY, MINIMUM_POLICY } from './iam.ts';
import { readCredential, verify } from './signature.ts';
import type { PolicyDocument } from './iam.ts';
import type { Random } from './ids.ts';
import type { SignedRequest } from './signature.ts';

/** Somebody with an access key: a user permanently, or a role for the time of a session. */
export interface Principal {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly account: string;
  /** `arn:aws:iam::{account}:user/{name}` or `arn:aws:sts::{account}:assumed-role/{role}/{session}`. */
  readonly arn: string;
  readonly userId: string;
  /** Milliseconds; undefined for a user. */
  readonly expiresAt: number | undefined;
  /** The user or role that has the policy. */
  readonly policyArn: string;
}

/** A role that may be assumed. */
export interface Role {
  readonly arn: string;
  readonly account: string;
  readonly name: string;
  readonly externalId: string | undefined;
  /** ARNs of users that may assume it; empty: every known user. */
  readonly trusted: readonly string[];
  /** Sessions always last this long; undefined: as long as the request asks for. */
  readonly sessionSeconds: number | undefined;
  /** Whose web identity tokens may assume it (IRSA); undefined: no one's. */
  readonly webIdentity: WebIdentity | undefined;
}

/** The claims that a web identity token must have. Its signature is not checked: the sandbox has no issuer's keys. */
export interface WebIdentity {
  readonly issuer: string;
  /** Such as `system:serviceaccount:{namespace}:{name}`. */
  readonly subject: string;
}

/** An access key in the form for an SDK, with its account. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly account: string;
  readonly name: string;
}

/** The default account of the sandbox. */
export const DEFAULT_ACCOUNT = '123456789012';
/** The default region of the sandbox. */
export const DEFAULT_REGION = 'eu-west-1';
/** May do only what the documentation of the agent asks for. */
export const SANDBOX_AGENT: Credentials = {
  accessKeyId: 'AKIASANDBOXAGENT0001',
  secretAccessKey: 'sandbox-agent-secret-of-no-real-account0',
  account: DEFAULT_ACCOUNT,
  name: 'federation-agent',
};
/** May do everything, like the owner of the account. */
export const SANDBOX_OPERATOR: Credentials = {
  accessKeyId: 'AKIASANDBOXOPERATOR1',
  secretAccessKey: 'sandbox-operator-secret-of-no-account000',
  account: DEFAULT_ACCOUNT,
  name: 'operator',
};

/** Users, roles, sessions and their policies. */
export interface Principals {
  find(accessKeyId: string): Principal | undefined;
  all(): Principal[];
  roles(): Role[];
  findRole(arn: string): Role | undefined;
  policyOf(principal: Principal): PolicyDocument;
  /** The policy of a user or role, by ARN. */
  policy(arn: string): PolicyDocument | undefined;
  addUser(credentials: Credentials, policy: PolicyDocument): Principal;
  addRole(role: Omit<Role, 'arn'>, policy: PolicyDocument): Role;
  /** Temporary credentials of a role. `expiresAt` in milliseconds. */
  addSession(role: Role, session: string, expiresAt: number): Principal;
  setPolicy(arn: string, policy: PolicyDocument): void;
  /** Goes back to the agent and the operator. */
  reset(): void;
}

/** Starts with the agent (minimum policy) and the operator. */
export function createPrincipals(random: Random): Principals {
  const principals = new Map<string, Principal>();
  const roles = new Map<string, Role>();
  const policies = new Map<string, PolicyDocument>();
  const self: Principals = {
    find: (accessKeyId) => principals.get(accessKeyId),
    all: () => [...principals.values()],
    roles: () => [...roles.values()],
    findRole: (arn) => roles.get(arn),
    policyOf: (principal) => policies.get(principal.policyArn) ?? { Statement: [] },
    policy: (arn) => policies.get(arn),
    addUser({ accessKeyId, secretAccessKey, account, name }, policy) {
      const arn = `arn:aws:iam::${account}:user/${name}`;
      const userId = `AIDA${newUpper(random, 17)}`;
      const known = { accessKeyId, secretAccessKey, account, arn, userId, policyArn: arn };
      const principal = { ...known, sessionToken: undefined, expiresAt: undefined };
      principals.set(accessKeyId, principal);
      policies.set(arn, policy);
      return principal;
    },
    addRole(given, policy) {
      const role = { ...given, arn: `arn:aws:iam::${given.account}:role/${given.name}` };
      roles.set(role.arn, role);
      policies.set(role.arn, policy);
      return role;
    },
    addSession(role, session, expiresAt) {
      const principal: Principal = {
        accessKeyId: `ASIA${newUpper(random, 16)}`,
        secretAccessKey: newKeyValue(random),
        sessionToken: Array.from({ length: 4 }, () => newKeyValue(random)).join(''),
        account: role.account,
        arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${session}`,
        userId: `AROA${newUpper(random, 17)}:${session}`,
        expiresAt,
        policyArn: role.arn,
      };
      principals.set(principal.accessKeyId, principal);
      return principal;
    },
    setPolicy: (arn, policy) => policies.set(arn, policy),
    reset() {
      for (const map of [principals, roles, policies]) map.clear();
      self.addUser(SANDBOX_AGENT, MINIMUM_POLICY);
      self.addUser(SANDBOX_OPERATOR, FULL_POLICY);
    },
  };
  self.reset();
  return self;
}

/** Who signed a request, and for which region. */
export interface Caller {
  readonly principal: Principal;
  readonly region: string;
}

/**
 * Finds out who signed the request for `service` at `now` (milliseconds), and checks the signature.
 * @throws AwsError 403: MissingAuthenticationTokenException, UnrecognizedClientException, ExpiredTokenException,
 * InvalidSignatureException
 */
export function authenticate(
  principals: Principals,
  request: SignedRequest,
  service: string,
  now: number,
): Caller {
  const header = request.headers['authorization'];
  if (header === undefined)
    throw forbidden('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const credential = readCredential(header);
  if (credential === undefined)
    throw forbidden('IncompleteSignatureException', 'Authorization header is no AWS4-HMAC-SHA256 signature.');
  const principal = principals.find(credential.accessKeyId);
  if (principal === undefined || principal.sessionToken !== request.headers['x-amz-security-token'])
    throw forbidden('UnrecognizedClientException', 'The security token included in the request is invalid.');
  verify(request, credential, principal.secretAccessKey, service, now);
  if (principal.expiresAt !== undefined && principal.expiresAt <= now) throw expiredToken();
  return { principal, region: credential.region };
}

/** 403 for temporary credentials that have expired. */
export function expiredToken() {
  return forbidden('ExpiredTokenException', 'The security token included in the request is expired');
}
