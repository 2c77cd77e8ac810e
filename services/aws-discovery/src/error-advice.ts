/** What a log line, the health report and a scan record say about an error: its cause, its code and how to fix it. */
import { describeError, FederationError } from '@federation-agent/base';
import { dispositionOf } from '@federation-agent/broker';

export interface ErrorSummary {
  /** As in docs/errors.md. */
  readonly code: string;
  /** One line, without secrets. */
  readonly reason: string;
}

export interface ErrorAdvice extends ErrorSummary {
  /** What a person can do about it. */
  readonly fix: string;
}

const byItself = 'nothing: the agent tries again by itself';
const defect = 'report it as a defect of the agent, with this line and those before it';

const fixes: Readonly<Record<string, string>> = {
  'aws-bad-request': 'correct what AWS refuses: the reason quotes its answer',
  'aws-credentials':
    'do what the reason says at its end; keys, role and account are accessKeyId, secretAccessKey, sessionToken, roleArn and accountId of this integration',
  'aws-denied':
    'allow the action on the resource that the reason names in the IAM policy of this identity; npm run doctor tries each permission',
  'aws-throttled':
    'nothing, the agent tries again by itself; if it does not stop, lower requestsPerSecond of this integration, or slow down other callers of API Gateway in this account and region',
  'aws-unavailable':
    'let this host reach API Gateway in this region (network, proxy, endpointUrl); the agent tries again by itself',
  'aws-unreadable-answer':
    'check the proxy and endpointUrl: something other than AWS answers in its place; the agent tries again by itself',
  'broker-unavailable': 'check the NATS server; the agent tries again by itself',
  'claim-lost':
    'nothing, the agent tries again by itself; if it does not stop, this replica is short of CPU, or too far from its broker',
  'payload-missing':
    'start the ingest again in APIM; if it happens again, check whether the broker keeps its files',
  'target-away': 'see what the log lines before this one, and the health of this target, say about AWS',
  'unreadable-record':
    'run only one version of the agent on this broker; delete a record that was changed by hand (nats kv del), and the agent makes it anew',
};

/** The cause of an error and how to fix it, as fields of a log line. */
export function errorAdvice(error: unknown): ErrorAdvice {
  const { code, reason } = errorSummary(error);
  const fix = knownFix(error) ?? (dispositionOf(error) === 'retryable' ? byItself : defect);
  return { code, reason, fix };
}

/** The innermost known error wins: it is what a person can fix. */
function knownFix(error: unknown): string | undefined {
  return error instanceof FederationError ? (knownFix(error.cause) ?? fixes[error.code]) : undefined;
}

export function errorSummary(error: unknown): ErrorSummary {
  return { code: error instanceof FederationError ? error.code : 'internal', reason: describeError(error) };
}

/** How to fix an error of which only the code is known. */
export function fixForCode(code: string | undefined): string {
  return fixes[code ?? ''] ?? (code === 'internal' ? defect : byItself);
}

/** `<code>: <reason>`, the form in a scan record. */
export function formatSummary({ code, reason }: ErrorSummary): string {
  return `${code}: ${reason}`;
}

/** A record from an earlier version has no code. */
export function parseSummary(text: string): { readonly code?: string; readonly reason: string } {
  const { code, reason } = /^(?<code>[a-z]+(?:-[a-z]+)*): (?<reason>.*)$/su.exec(text)?.groups ?? {};
  return code !== undefined && reason !== undefined ? { code, reason } : { reason: text };
}
