/** A promise with a time limit. */
import { FederationError } from '@federation-agent/base';

/** A check of the doctor got no answer in time. */
export class OverdueError extends FederationError {
  constructor(ms: number) {
    super(`no answer in ${ms / 1_000} s`, { code: 'overdue', disposition: 'retryable' });
  }
}

/**
 * A result that comes after the limit is ignored.
 *
 * @throws OverdueError
 */
export async function withTimeout<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new OverdueError(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
