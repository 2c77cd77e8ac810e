/** What a person reads when a request does not succeed. */
export interface Failure {
  /** HTTP status; 0: there was no answer. */
  readonly status: number;
  /** A sentence. */
  readonly title: string;
  /** What the server said, or what to do; may be empty. */
  readonly detail: string;
}

const titles: Readonly<Record<number, string>> = {
  0: 'The console does not answer.',
  401: 'You are not logged in.',
  403: 'You may not do this.',
  404: 'There is no such thing here.',
  409: 'This does not apply any more.',
  429: 'Too many requests.',
  503: 'The agent could not do this now.',
};

/** @param body what came with the status: an `ApiError` when it is from our API, anything when it is from a proxy */
export function failureOf(status: number, body: unknown): Failure {
  const title = titles[status] ?? `The console answered with status ${status}.`;
  const said =
    typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string'
      ? body.message
      : '';
  const silent =
    'Is the agent running, and is this machine connected to it? The page goes on when it answers.';
  return { status, title, detail: status === 0 ? silent : said };
}
