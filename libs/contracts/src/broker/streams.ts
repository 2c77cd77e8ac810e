/** Names of the streams in code, logs and metrics; `names.ts` has the broker's names. */
export const streams = { commands: 'COMMANDS', ingest: 'INGEST', events: 'EVENTS', dead: 'DEAD' } as const;
export type StreamName = (typeof streams)[keyof typeof streams];
