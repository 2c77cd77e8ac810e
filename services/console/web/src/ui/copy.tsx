import { useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

/** An id that is long: shown as it is, and copied with one click. */
export function Id({ children, short = false }: { readonly children: string; readonly short?: boolean }) {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    // Browsers have a clipboard only on loopback and https.
    const done =
      isSecureContext &&
      (await navigator.clipboard.writeText(children).then(
        () => true,
        () => false,
      ));
    setSaid(done ? 'Copied' : 'Not allowed here');
    setTimeout(() => setSaid(''), 2_000);
  };
  return (
    <span class="id">
      <code title={children}>{short && children.length > 13 ? `${children.slice(0, 12)}…` : children}</code>
      <button type="button" class="plain" aria-label={`Copy ${children}`} onClick={() => void copy()}>
        <Icon name="copy" />
      </button>
      <span class="small" role="status">
        {said}
      </span>
    </span>
  );
}
