/** Numbers for people. */

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `30,000` */
export function count(value: number): string {
  return grouped.format(value);
}

/** `1 API`, `2 APIs`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** How much of the whole is done, 0 to 100, whole; 100 only when all is. A whole of 0 is done. */
export function percent(done: number, whole: number): number {
  if (done >= whole) return 100;
  return Math.max(0, Math.min(99, Math.floor((done / whole) * 100)));
}

/** `812 B`, `1.5 KiB`, `3.2 MiB` */
export function bytes(value: number): string {
  if (value < 1_024) return `${value} B`;
  return value < 1_048_576 ? `${count(value / 1_024)} KiB` : `${count(value / 1_048_576)} MiB`;
}
