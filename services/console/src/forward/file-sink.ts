/**
 * Appends events to a file, a line of JSON each. A line is there whole or not at all: what a failed write or a crash
 * left at the end of the file is cut off, and the event comes again.
 */
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Sink } from './sink.ts';

/** Only the agent's own user may read the trail. */
const mode = 0o600;
const newline = 0x0a;
/** Far more than a line has. */
const tailBytes = 1024 * 1024;

export interface FileSinkOptions {
  readonly path: string;
  /** Bytes from which on the file is renamed to `<path>.1`. */
  readonly maxBytes: number;
  /** Renamed files that are kept. */
  readonly keep: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes of whole lines. */
  size: number;
}

export function fileSink({ path, maxBytes, keep }: FileSinkOptions): Sink {
  let current: OpenFile | undefined;

  const close = async (): Promise<void> => {
    const file = current;
    current = undefined;
    await file?.handle.close();
  };

  const rotate = async (): Promise<void> => {
    await close();
    if (keep === 0) return rm(path);
    for (let number = keep - 1; number >= 1; number -= 1) {
      await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(unlessMissing);
    }
    await rename(path, `${path}.1`);
  };

  return {
    way: 'file',
    to: path,
    close,
    write: async ({ body }) => {
      const line = Buffer.from(`${JSON.stringify(body)}\n`, 'utf8');
      current ??= await openAtEnd(path);
      if (current.size > 0 && current.size + line.length > maxBytes) {
        await rotate();
        current = await openAtEnd(path);
      }
      try {
        await current.handle.write(line, 0, line.length, current.size).then(({ bytesWritten }) => {
          if (bytesWritten < line.length)
            throw new Error('only a part of a line was written: is the disk full?');
        });
        await current.handle.datasync();
        current.size += line.length;
      } catch (error) {
        // Opened anew at the next try, which cuts off what is not a whole line.
        await close().catch(() => undefined);
        throw error;
      }
    },
  };
}

async function openAtEnd(path: string): Promise<OpenFile> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'r+', mode).catch((error: unknown) => {
    unlessMissing(error);
    return open(path, 'wx+', mode);
  });
  try {
    await handle.chmod(mode);
    const size = await wholeLines(handle);
    await handle.truncate(size);
    return { handle, size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Bytes up to the end of the last whole line. */
async function wholeLines(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const from = Math.max(0, size - tailBytes);
  const tail = Buffer.alloc(size - from);
  await handle.read(tail, 0, tail.length, from);
  return from + tail.lastIndexOf(newline) + 1;
}

function unlessMissing(error: unknown): void {
  if (!(Error.isError(error) && 'code' in error && error.code === 'ENOENT')) throw error;
}
