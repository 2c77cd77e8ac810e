/** What the handlers work with. */
import type { ChunkStore, StreamLog } from '@federation-agent/broker';
import type { ServiceContext } from '@federation-agent/service-kit';
import type { DoctorRuns } from './doctor.ts';
import type { Live } from './http/live.ts';
import type { Sessions } from './http/sessions.ts';
import type { ModelKeeper } from './model-keeper.ts';
import type { Nodes } from './nodes.ts';
import type { OidcLogin } from './oidc/login.ts';
import type { People } from './people.ts';
import type { Reconciliations } from './reconcile.ts';
import type { Topics } from './topics.ts';
import type { Trail } from './trail.ts';

export interface ConsoleParts {
  readonly context: ServiceContext;
  readonly models: ModelKeeper;
  readonly topics: Topics;
  readonly trail: Trail;
  readonly nodes: Nodes;
  readonly people: People;
  readonly sessions: Sessions;
  /** Undefined: no OpenID provider is configured. */
  readonly oidc: OidcLogin | undefined;
  readonly live: Live;
  /** The stream of dead letters. */
  readonly letters: StreamLog;
  readonly documents: ChunkStore;
  readonly payloads: ChunkStore;
  readonly doctor: DoctorRuns;
  readonly reconciliations: Reconciliations;
}
