/** Why a command ended without doing what it should. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** Refused, not found, or (`status`) a part is down. */
  failed: 1,
  /** The command was not understood. */
  usage: 2,
  /** The console, the broker or the service that should do it does not answer. */
  unreachable: 3,
  /** Not logged in, or a viewer. */
  denied: 4,
} as const;
export type ExitName = keyof typeof exitCodes;

export class CtlError extends Error {
  readonly exit: ExitName;

  constructor(exit: ExitName, message: string) {
    super(message);
    this.exit = exit;
  }
}
