import { publishEvent } from '@federation-agent/broker';
import { openApiDocument } from '../api/index.ts';
import { ApiProblem } from '../http/api-error.ts';
import type { Handlers } from '../http/handlers.ts';
import type { ConsoleParts } from '../parts.ts';

type Names = 'document' | 'configuration' | 'doctor' | 'runDoctor' | 'live';

export function systemHandlers(parts: ConsoleParts): Pick<Handlers, Names> {
  const { context, nodes, doctor, live, models, people, sessions } = parts;
  return {
    document: async (_request, reply) => reply.send(openApiDocument(context.version)),
    configuration: async () => {
      const answers = await nodes.configurations();
      const byInstance = [...Map.groupBy(answers, ({ instance }) => instance)];
      return {
        processes: byInstance.map(([instance, ofProcess]) => ({
          instance,
          services: ofProcess.map(({ service }) => service).sort(),
          values: (ofProcess[0]?.values ?? []).map(({ path, value, source }) => ({
            key: path,
            value,
            source,
          })),
        })),
      };
    },
    doctor: () => doctor.report(),
    runDoctor: ({ by }) => {
      if (!doctor.start()) {
        const { message = 'it is running already' } = doctor.report();
        throw new ApiProblem(409, message);
      }
      publishEvent(context.broker, 'operator', {
        at: context.clock.now(),
        integrationId: '',
        actor: { kind: 'operator', name: by },
        outcome: 'ok',
        what: 'doctor',
      });
      return doctor.report();
    },
    live: async ({ session }, reply) => {
      const stillAllowed = (): boolean =>
        people.login === 'none' || session === undefined || sessions.personOf(session) !== undefined;
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      if (!live.open(reply.raw, stillAllowed)) {
        reply.raw.writeHead(503, { 'content-type': 'application/json' });
        reply.raw.end(JSON.stringify({ error: 'Service Unavailable', message: 'too many pages are open' }));
        return reply;
      }
      await models.open(); // Whoever listens is told of changes, also without asking for anything else.
      return reply;
    },
  };
}
