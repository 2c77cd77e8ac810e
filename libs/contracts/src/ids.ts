/** Branded ids, so that one kind is not passed for another, and their forms for subjects and buckets. */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** APIM's id of an integration, as configured; the `targetId` of HELLO. */
export const IntegrationId = z.string().min(1).brand<'IntegrationId'>();
export type IntegrationId = z.output<typeof IntegrationId>;

/** `<account>:<region>:<restApiId>:<stage>`. It must never change: APIM derives the id of the federated API from it. */
export const ApiUniqueId = z
  .string()
  .regex(/^[^:]+:[^:]+:[^:]+:[^:]+$/u)
  .brand<'ApiUniqueId'>();
export type ApiUniqueId = z.output<typeof ApiUniqueId>;

/** The parts of a unique id. */
export interface ApiCoordinates {
  readonly account: string;
  readonly region: string;
  readonly restApiId: string;
  readonly stage: string;
}

/** Builds the unique id of a REST API at a stage. */
export function apiUniqueId({ account, region, restApiId, stage }: ApiCoordinates): ApiUniqueId {
  return ApiUniqueId.parse(`${account}:${region}:${restApiId}:${stage}`);
}

/** The parts of a unique id; undefined when it is not one of ours (another agent ingested the API). */
export function parseApiUniqueId(text: string): ApiCoordinates | undefined {
  const [account, region, restApiId, stage, ...rest] = text.split(':');
  return account && region && restApiId && stage && rest.length === 0
    ? { account, region, restApiId, stage }
    : undefined;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/**
 * An id as one token of a subject, a consumer's name or a bucket's key. A UUID stays unchanged; anything else becomes
 * the prefix of its SHA-256, because it may contain dots, blanks or wildcards.
 */
export function idToken(id: string): string {
  return uuid.test(id) ? id.toLowerCase() : createHash('sha256').update(id).digest('hex').slice(0, 32);
}
