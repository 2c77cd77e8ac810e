import type { Command } from '../run.ts';

export const exporting: Command = {
  name: 'export',
  says: 'writes all subscription records without key values as JSON lines; with --events the audit trail',
  options: ['events', 'csv'],
  run: async (run) => {
    const trail = run.options['events'] === true;
    const path = trail ? '/api/events/export' : '/api/subscriptions/export';
    const query = trail && run.options['csv'] === true ? { format: 'csv' } : {};
    const decoder = new TextDecoder();
    for await (const bytes of await run.client.stream(path, query)) {
      run.out(decoder.decode(bytes, { stream: true }));
    }
    return true;
  },
};
