import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';

interface SearchProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

/** A field that searches with each letter. The key `/` goes to it from anywhere on the page. */
export function Search({ label, value, onInput }: SearchProps) {
  const input = useRef<HTMLInputElement>(null);
  // Before it is painted: whoever sees the field can type.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing =
        event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <span class="search">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        title={`${label} (press / to come here)`}
        spellcheck={false}
        autoComplete="off"
        maxLength={200}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </span>
  );
}
