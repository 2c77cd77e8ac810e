import type { ServiceName } from '@federation-agent/contracts';
import { runProcess } from './run-process.ts';
import type { StartService } from './service.ts';
import { startService } from './start-service.ts';

export interface RunServiceOptions {
  readonly service: ServiceName;
  /** One sentence for `--help`. */
  readonly description: string;
  readonly start: StartService;
}

/** The complete main of a service: see `runProcess` and `startService`. */
export function runService({ service, description, start }: RunServiceOptions): Promise<void> {
  return runProcess({
    name: service,
    description,
    service,
    start: (context) => startService(context, { service, start }),
  });
}
