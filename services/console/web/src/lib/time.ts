/** Times for people. All take the clock as an argument; times are epoch milliseconds. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A duration in its two largest units, such as `2 h 5 min`, `42 s` or `310 ms`. Never negative. */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole} ms`;
  const first = units.findIndex(([, size]) => whole >= size);
  let rest = whole;
  const words = units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return words.filter((word) => word !== '').join(' ');
}

/** How far a time is from now, in one unit: `just now`, `5 min ago`, `in 2 h`. */
export function relative(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 5_000) return 'just now';
  const [unit, size] = units.find(([, one]) => distance >= one) ?? units[3];
  const text = `${Math.floor(distance / size)} ${unit}`;
  return at > now ? `in ${text}` : `${text} ago`;
}

/** How long until a relative time reads differently, so that a page renews it no more often than it must. */
export function renewAfter(at: number, now: number): number {
  const distance = Math.abs(now - at);
  return distance < 60_000 ? 1_000 : distance < 3_600_000 ? 15_000 : 60_000;
}

/** `2026-01-31 12:00:00 UTC` */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The time in the viewer's zone, as `2026-01-31 13:00:00`: sorts as text, and reads the same in every language. */
export function local(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
