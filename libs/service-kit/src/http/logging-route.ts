/** `/_node/logging`: shows and changes the levels of the loggers, in the format of the official agents. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type LogLevel, logLevels, type LogLevels } from '@federation-agent/base';
import { sendError } from './json-errors.ts';

/** Means all loggers, as in Java. */
const root = 'ROOT';

/** Loggers and levels; null or an empty text restores the configured level. */
const Change = z.record(z.string(), z.string().nullable());

export function serveLogging(
  server: FastifyInstance,
  levels: LogLevels,
  onChange: (what: string) => void,
): void {
  const view = (): object =>
    Object.fromEntries(
      [[root, levels.all()] as const, ...Object.entries(levels.view())].map(([name, level]) => [
        name,
        level.toUpperCase(),
      ]),
    );
  server.get('/logging', () => view());
  server.post('/logging', (request, reply) => {
    const change = Change.safeParse(request.body);
    if (!change.success) return sendError(reply, 400, `send an object, such as {"${root}": "DEBUG"}`);
    const wanted = Object.entries(change.data).map(([name, level]) => [name, readLevel(level)] as const);
    const known = Object.keys(levels.view());
    const mistakes = wanted.flatMap(([name, level]) => [
      ...(name.toUpperCase() === root || known.includes(plainName(name))
        ? []
        : [`there is no logger ${name}; there are ${[root, ...known].join(', ')}`]),
      ...(level === 'unknown' ? [`the level of ${name} must be one of ${logLevels.join(', ')}`] : []),
    ]);
    if (mistakes.length > 0) return sendError(reply, 400, mistakes.join('; '));
    for (const [name, level] of wanted) {
      if (level === 'unknown') continue;
      if (name.toUpperCase() === root) levels.setAll(level);
      else levels.set(name, level);
      onChange(`${plainName(name)}: ${level ?? 'as configured'}`);
    }
    return reply.send(view());
  });
}

const plainName = (name: string): string => name.toLowerCase().replaceAll('_', '-');

function readLevel(text: string | null): LogLevel | undefined | 'unknown' {
  const word = (text ?? '').trim().toLowerCase();
  return word === '' ? undefined : (logLevels.find((level) => level === word) ?? 'unknown');
}
