/** Every command, in the order of the help. */
import { completionCommand } from '../completion.ts';
import type { Command } from '../run.ts';
import { dead } from './dead.ts';
import { catalog, why } from './estate.ts';
import { explain } from './explain.ts';
import { events } from './events.ts';
import { exporting } from './export.ts';
import { reconcile } from './reconcile.ts';
import { scan, scans } from './scan.ts';
import { status } from './status.ts';
import { decisions, list, show } from './subscriptions.ts';

export const commands: readonly Command[] = [
  status,
  why,
  explain,
  catalog,
  scan,
  scans,
  list,
  show,
  ...decisions,
  reconcile,
  events,
  ...dead,
  exporting,
  completionCommand(() => commands),
];
