/** The keys below `federation.console` and `federation.events`. */
import { z } from 'zod';
import { booleanValue, integer, list, text } from './config-values.ts';

export const consoleKeys = z.object({
  enabled: booleanValue
    .default(true)
    .meta({ description: 'Serve the console: its pages, its HTTP API, and what ctl asks' }),
  port: integer(0, 65_535).default(18_087).meta({ description: 'Port of the console; 0 takes a free one' }),
  host: text.default('localhost').meta({ description: 'Address that the console listens on' }),
  operators: list.default([]).meta({
    description:
      'Users of services.core.http.authentication that may act in the console; all others only read. * stands for everybody',
  }),
});

export const eventKeys = z.object({
  days: integer(1, 3_650).default(7).meta({
    description:
      'Days that the audit trail is kept, up to 1 GiB; a change takes effect at the next start. Give every service the same',
  }),
});
