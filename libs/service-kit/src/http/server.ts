import type { AgentConfig } from '@federation-agent/contracts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Health } from './health.ts';

export interface HttpServer {
  /** Such as `http://127.0.0.1:18084`. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface HttpServerOptions {
  readonly config: AgentConfig['services'];
  readonly health: Health;
  readonly telemetry: Telemetry;
}

/** Undefined when it is switched off. */
export function startHttpServer(options: HttpServerOptions): Promise<HttpServer | undefined> {
  throw new Error(`not here yet: ${options.config.core.http.port}`);
}
