/** Starts the sandbox APIM: the exchange controller and its HTTP control API, both on loopback. */
import { startControlApi } from './control-api.ts';
import { type Controller, startController } from './controller.ts';
import { createEventLog } from './event-log.ts';
import { createManagement } from './management.ts';
import { type ApimOptions, defaultApimOptions } from './options.ts';

export interface SandboxApim {
  /** The value for `integration.connector.ws.endpoints`. */
  readonly endpoint: string;
  readonly wsPort: number;
  /** The control API. */
  readonly controlUrl: string;
  readonly httpPort: number;
  stop(): Promise<void>;
}

export async function startApim(options: Partial<ApimOptions> = {}): Promise<SandboxApim> {
  const all = { ...defaultApimOptions, ...options };
  const events = createEventLog();
  const management = createManagement(all, events, () => controller);
  const controller: Controller = await startController(all, events, (_integrationId, payload, bytes) =>
    management.ingest(payload, bytes),
  );
  const api = await startControlApi(all, events, management, controller);
  return {
    endpoint: `http://127.0.0.1:${controller.port}`,
    wsPort: controller.port,
    controlUrl: `http://127.0.0.1:${api.port}`,
    httpPort: api.port,
    async stop() {
      management.stop();
      await controller.stop();
      await api.stop();
    },
  };
}
