/** Ids with a brand, so that one is not passed for another, and the text forms that subjects and buckets take. */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** APIM's id of an integration, as configured; the `targetId` of HELLO. */
export const IntegrationId = z.string().min(1).brand<'IntegrationId'>();
export type IntegrationId = z.output<typeof IntegrationId>;

/** `<account>:<region>:<restApiId>:<stage>`, for ever: APIM derives the id of the federated API from it. */
export const ApiUniqueId = z
  .string()
  .regex(/^[^:]+:[^:]+:[^:]+:[^:]+$/u)
  .brand<'ApiUniqueId'>();
export type ApiUniqueId = z.output<typeof ApiUniqueId>;

/** What a unique id is made of. */
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

/** Takes a unique id apart; undefined when it is not one of ours (an API that another agent ingested). */
export function parseApiUniqueId(text: string): ApiCoordinates | undefined {
  const [account, region, restApiId, stage, ...rest] = text.split(':');
  return account && region && restApiId && stage && rest.length === 0
    ? { account, region, restApiId, stage }
    : undefined;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/**
 * An id as one token of a subject, a consumer's name or a bucket's key: a UUID as it is, anything else as the prefix of
 * its SHA-256, since it may hold dots, blanks or wildcards.
 */
export function idToken(id: string): string {
  return uuid.test(id) ? id.toLowerCase() : createHash('sha256').update(id).digest('hex').slice(0, 32);
}
