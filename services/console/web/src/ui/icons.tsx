/** Icons are shapes of our own: nothing is fetched. They say nothing to a screen reader; a word stands beside each. */

const shapes = {
  ok: 'M3.5 8.5l3 3 6-7',
  warn: 'M8 2.5l6.2 11H1.8zM8 6.5v3.2M8 11.6v.4',
  bad: 'M4 4l8 8M12 4l-8 8',
  busy: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 5v3l2 1.5',
  idle: 'M4 8h8',
  open: 'M6 4l4 4-4 4',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.5 10.5l3 3',
  right: 'M3 8h9M9 4.5L12.5 8 9 11.5',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
} as const;
export type IconName = keyof typeof shapes;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  );
}
