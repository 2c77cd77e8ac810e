import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

interface PageProps {
  readonly title: string;
  /** Beside the title: a state, buttons. */
  readonly aside?: ComponentChildren;
  /** Above the title: where one came from. */
  readonly back?: ComponentChildren;
  readonly children: ComponentChildren;
}

let first = true;

/** A page's frame. A new page takes the focus to its title, as a new document would. */
export function Page({ title, aside, back, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Federation agent`;
  }, [title]);
  // Before it is painted, so that it takes the focus from nobody who has begun to type.
  useLayoutEffect(() => {
    if (!first) heading.current?.focus();
    first = false;
  }, []);
  return (
    <>
      {back && <p class="back">{back}</p>}
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside && <div class="page-aside">{aside}</div>}
      </header>
      {children}
    </>
  );
}

interface SectionProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a page with a heading of its own. */
export function Section({ title, aside, children }: SectionProps) {
  return (
    <section aria-label={title}>
      <div class="section-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
