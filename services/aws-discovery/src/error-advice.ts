/** What a log line, the health report and a scan record say of an error: its cause, its code and what mends it. */
import { describeError, FederationError } from '@federation-agent/base';
import { dispositionOf } from '@federation-agent/broker';

export interface ErrorSummary {
  /** As in docs/errors.md. */
  readonly code: string;
  /** One line, without secrets. */
  readonly reason: string;
}

export interface ErrorAdvice extends ErrorSummary {
  /** What a person does about it. */
  readonly fix: string;
}

const byItself = 'nothing: it is tried again by itself';
const defect = 'report it as a defect of the agent, with this line and those before it';

const fixes: Readonly<Record<string, string>> = {
  'aws-bad-request': 'correct what AWS refuses here: the reason has its words',
  'aws-credentials':
    'do what the reason ends with; keys, role and account are accessKeyId, secretAccessKey, sessionToken, roleArn and accountId of this integration',
  'aws-denied':
    'allow the action on the resource that the reason names in the IAM policy of this identity; npm run doctor tries each permission',
  'aws-throttled':
    'nothing, it is tried again by itself; where it stays, lower requestsPerSecond of this integration, or slow down what else calls API Gateway in this account and region',
  'aws-unavailable':
    'let this host reach API Gateway in this region (network, proxy, endpointUrl); it is tried again by itself',
  'aws-unreadable-answer':
    'look at the proxy and at endpointUrl: something else than AWS answers in its place; it is tried again by itself',
  'broker-unavailable': 'look at the NATS server; it is tried again by itself',
  'claim-lost':
    'nothing, it is tried again by itself; where it stays, this replica is short of CPU, or too far from its broker',
  'payload-missing':
    'start the ingest again in APIM; where it stays, look whether the broker keeps its files',
  'target-away': 'look at what the lines before this one, and the health of this target, say of AWS',
  'unreadable-record':
    'run one version of the agent on this broker; a record that was changed by hand is made anew once it is deleted (nats kv del)',
};

/** The cause of an error and what mends it, as fields of a log line. */
export function errorAdvice(error: unknown): ErrorAdvice {
  const { code, reason } = errorSummary(error);
  const fix = knownFix(error) ?? (dispositionOf(error) === 'retryable' ? byItself : defect);
  return { code, reason, fix };
}

/** What lies deepest is what a person can mend. */
function knownFix(error: unknown): string | undefined {
  return error instanceof FederationError ? (knownFix(error.cause) ?? fixes[error.code]) : undefined;
}

export function errorSummary(error: unknown): ErrorSummary {
  return { code: error instanceof FederationError ? error.code : 'internal', reason: describeError(error) };
}

/** What mends an error of which only the code is known. */
export function fixForCode(code: string | undefined): string {
  return fixes[code ?? ''] ?? (code === 'internal' ? defect : byItself);
}

/** `<code>: <reason>`, as a scan record keeps it. */
export function formatSummary({ code, reason }: ErrorSummary): string {
  return `${code}: ${reason}`;
}

/** A record of an earlier version has no code. */
export function parseSummary(text: string): { readonly code?: string; readonly reason: string } {
  const { code, reason } = /^(?<code>[a-z]+(?:-[a-z]+)*): (?<reason>.*)$/su.exec(text)?.groups ?? {};
  return code !== undefined && reason !== undefined ? { code, reason } : { reason: text };
}
