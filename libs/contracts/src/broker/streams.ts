/** Names of the streams in code, logs and metrics; `names.ts` says what the broker calls them. */
export const streams = { commands: 'COMMANDS', ingest: 'INGEST', events: 'EVENTS', dead: 'DEAD' } as const;
export type StreamName = (typeof streams)[keyof typeof streams];
