/** Log lines for people: one line each, what happened first, then its facts; a stack below it. */

const colours: Readonly<Record<string, number>> = {
  trace: 90,
  debug: 36,
  info: 32,
  warn: 33,
  error: 31,
  fatal: 35,
};
/** Who says it: once is enough, in front. */
const bookkeeping = ['level', 'time', 'service', 'logger', 'instance', 'version', 'msg', 'err'];

/**
 * @param line a JSON line of the logger; anything else comes back as it is
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

/** The time of day here; the date is known to whoever looks at a terminal. */
function clock(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime())
    ? time
    : `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

/** Words stand bare; anything with a blank or a sign of ours is quoted. */
const fact = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=\p{Cc}]+$/u.test(value) ? value : JSON.stringify(value);

/** What came from outside must not steer the terminal. */
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
