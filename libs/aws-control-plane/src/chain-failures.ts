/**
 * Why the SDK's default chain found no credentials. The chain's error does not tell; it writes the reasons to its
 * logger.
 */

export interface ChainFailures {
  /** Given to the chain. */
  readonly logger: {
    debug(...text: unknown[]): void;
    info(): void;
    warn(...text: unknown[]): void;
    error(): void;
  };
  /** Forgets earlier tries. */
  readonly clear: () => void;
  /** What went wrong with the configured sources; empty when none is configured. */
  readonly reasons: () => string;
}

/** What the chain says about sources that nobody configured. */
const notConfigured =
  /^(Unable to find environment|AWS_PROFILE is set|Skipping SSO|Web identity configuration not|AWS_EC2_METADATA_V1_DISABLED not set|Could not resolve credentials using profile: \[default\]|Profile default could not|.* did not contain credential_process|EC2 Instance Metadata Service access disabled)/u;

/** @param warn called with warnings of the SDK, such as two sources at once */
export function createChainFailures(warn: (text: string) => void): ChainFailures {
  const reasons = new Set<string>();
  return {
    logger: {
      debug(...text) {
        const [, reason] = /^@smithy\/property-provider -> ([^\r\n]+)/u.exec(text.join(' ')) ?? [];
        if (reason === undefined || notConfigured.test(reason)) return;
        // The command may have secrets among its arguments.
        reasons.add(reason.startsWith('Command failed') ? 'the credential_process failed' : reason);
      },
      info: () => undefined,
      warn: (...text) => warn(text.join(' ').replace(/\s+/gu, ' ')),
      error: () => undefined,
    },
    clear: () => reasons.clear(),
    reasons: () => [...reasons].join('; '),
  };
}
