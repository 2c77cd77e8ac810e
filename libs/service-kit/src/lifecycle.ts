import type { ServiceName } from '@federation-agent/contracts';
import type { StartService } from './service.ts';

export interface RunServiceOptions {
  readonly service: ServiceName;
  /** One sentence for `--help`. */
  readonly description: string;
  readonly start: StartService;
}

export function runService(options: RunServiceOptions): Promise<void> {
  throw new Error(`not here yet: ${options.service}`);
}
