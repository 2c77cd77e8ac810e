/** Reads of lists that are under way in this process: who wants the same meanwhile waits for them. */

/** One read, by its scan record's key. */
export interface ReadUnderWay {
  readonly readAt: number;
  readonly signal: AbortSignal;
  readonly done: Promise<unknown>;
  /** Called once AWS has answered. */
  readonly onRead: (() => void)[];
  answered: boolean;
}

export interface SharedReadOptions {
  /** Epoch ms: when this read begins. A read that began before `oldest` is not waited for. */
  readonly readAt: number;
  readonly oldest: number;
  /** Of the command. When it ends a read, those who waited for that read make one themselves. */
  readonly signal: AbortSignal;
  /** Called once AWS has answered, whoever asked it. */
  readonly onRead: () => void;
}

/**
 * Does `read` unless the same is under way; then it waits for that one. AWS allows five such calls a second in an
 * account, and fifty people may open the same page.
 *
 * @returns what `read` returned, or `shared` after the read of another
 * @throws what the read threw, its own or the one it waited for
 */
export async function readOnce<T>(
  underWay: Map<string, ReadUnderWay>,
  key: string,
  { readAt, oldest, signal, onRead }: SharedReadOptions,
  read: (onRead: () => void) => Promise<T>,
): Promise<T | 'shared'> {
  for (;;) {
    const other = underWay.get(key);
    if (other === undefined || other.readAt < oldest) break;
    if (other.answered) onRead();
    else other.onRead.push(onRead);
    try {
      await other.done;
      return 'shared';
    } catch (error) {
      if (!other.signal.aborted) throw error;
    }
  }
  const { promise: done, resolve, reject } = Promise.withResolvers<unknown>();
  done.catch(() => undefined); // Nobody may wait for it.
  const mine: ReadUnderWay = { readAt, signal, done, onRead: [onRead], answered: false };
  underWay.set(key, mine);
  try {
    const result = await read(() => {
      mine.answered = true;
      for (const told of mine.onRead) told();
    });
    resolve(result);
    return result;
  } catch (error) {
    reject(error);
    throw error;
  } finally {
    if (underWay.get(key) === mine) underWay.delete(key);
  }
}
