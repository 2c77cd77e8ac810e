/** Log lines for people: one line each, first the message, then its facts. A stack follows below. */

const colours: Readonly<Record<string, number>> = {
  trace: 90,
  debug: 36,
  info: 32,
  warn: 33,
  error: 31,
  fatal: 35,
};
/** Fields that the start of the line already shows. */
const bookkeeping = ['level', 'time', 'service', 'logger', 'instance', 'version', 'msg', 'err'];

/**
 * @param line a JSON line of the logger; anything else is returned unchanged
 * @param colour with ANSI colours
 */
export function prettyLine(line: string, colour: boolean): string {
  const fields = parse(line);
  if (!fields) return line;
  const paint = (code: number | undefined, text: string): string =>
    colour && code !== undefined ? `\u001B[${code}m${text}\u001B[0m` : text;
  const level = text(fields['level']);
  const area = fields['logger'] === undefined ? '' : `.${text(fields['logger'])}`;
  const facts = Object.entries(fields).flatMap(([name, value]) =>
    bookkeeping.includes(name) || value === undefined ? [] : [`${name}=${fact(value)}`],
  );
  const head = [
    paint(90, clock(text(fields['time']))),
    paint(colours[level], level.toUpperCase().padEnd(5)),
    `${text(fields['service'])}${area}:`,
    printable(text(fields['msg'])),
    ...(facts.length > 0 ? [paint(90, facts.join(' '))] : []),
  ];
  return `${head.filter(Boolean).join(' ')}\n${stack(fields['err'])}`;
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The local time of day. Whoever watches a terminal knows the date. */
function clock(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime())
    ? time
    : `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

/** A plain word is not quoted; anything with a blank or one of our separators is. */
const fact = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=\p{Cc}]+$/u.test(value) ? value : JSON.stringify(value);

/** Text from outside must not control the terminal. */
const printable = (message: string): string =>
  message.replace(/\p{Cc}/gu, (sign) => JSON.stringify(sign).slice(1, -1));

function stack(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { message, stack: trace } = error as { message?: unknown; stack?: unknown };
  const frames = text(trace)
    .split('\n')
    .slice(1)
    .map((frame) => printable(frame.trim()));
  return [`  ${printable(text(message))}`, ...frames.map((frame) => `    ${frame}`)].join('\n') + '\n';
}
