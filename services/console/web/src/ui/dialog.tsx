import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { RequestFailed } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import { Problem } from './states.tsx';

interface ConfirmProps {
  readonly title: string;
  /** The button's word, such as `Revoke`. */
  readonly verb: string;
  /** A word that must be typed first, for what cannot be undone. */
  readonly typed?: string;
  readonly run: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks before something is done, and says what went wrong. It closes when it is done. */
export function Confirm({ title, verb, typed, run, onClose, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  useLayoutEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await run();
      dialog.current?.close();
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      setFailure(error.failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{title}</h2>
        {children}
        {typed !== undefined && (
          <label class="field">
            <span>
              Type <strong>{typed}</strong> to go on
            </span>
            <input
              autoComplete="off"
              spellcheck={false}
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
          </label>
        )}
        {failure && <Problem failure={failure} />}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="submit"
            class={typed === undefined ? 'primary' : 'danger'}
            disabled={busy || (typed !== undefined && text !== typed)}
          >
            {busy ? 'Working…' : verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}
