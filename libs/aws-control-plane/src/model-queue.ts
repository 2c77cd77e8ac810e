/** A queue with the changes of API Gateway. */

export interface QueueMessage {
  /** For `delete`; a message that comes again has another one. */
  readonly handle: string;
  readonly body: string;
  /** How often it was received, this time included. */
  readonly receives: number;
}

/**
 * An SQS queue, read with the identity of the first target that names it. Its calls take no token of the budget, which
 * is about API Gateway.
 */
export interface ChangeQueue {
  readonly url: string;
  /** For people: `federation-changes in eu-west-1`. */
  readonly label: string;
  /**
   * Up to ten messages, in no order. Each comes again after `limits.changeVisibility` unless it is deleted. Waits for
   * `limits.queueWait` while there are none; some emulators answer at once.
   *
   * @throws AwsError: AwsDenied names the permission, AwsNotFound means that there is no such queue; AwsCallStopped at
   *   the signal
   */
  receive(signal: AbortSignal): Promise<readonly QueueMessage[]>;
  /**
   * Deletes messages. One that is not deleted although the call succeeded comes again.
   *
   * @throws AwsError
   */
  delete(handles: readonly string[], signal: AbortSignal): Promise<void>;
}
