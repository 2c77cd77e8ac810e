import { badRequest, conflict, limitExceeded, notFound } from './errors.ts';
import { newId, newKeyValue } from './ids.ts';
import type { RegionContext } from './region-context.ts';
import type { ApiKey, Region, Tags } from './store.ts';

/** The input of CreateApiKey. */
export interface NewApiKey {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly value?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly customerId?: string | undefined;
  readonly tags?: Tags | undefined;
}

/** The key with this id. @throws AwsError 404 */
export function findKey(region: Region, id: string): ApiKey {
  const key = region.keys.get(id);
  if (key === undefined) throw notFound('Invalid API Key identifier specified');
  return key;
}

/** @throws AwsError 400 for a name, description or value that API Gateway refuses */
export function checkKey(given: NewApiKey): void {
  if ((given.name ?? '').length > 1024)
    throw badRequest('Invalid API Key name, can be at most 1024 characters.');
  if ((given.description ?? '').length > 125_000) throw badRequest('Invalid API Key description specified.');
  const value = given.value ?? '';
  if (value !== '' && value.length < 20) throw badRequest('API Key value should be at least 20 characters');
  if (value.length > 128) throw badRequest('API Key value exceeds maximum size of 128 characters');
}

/**
 * Makes a key. Without a value one is generated. As in AWS, it is disabled unless the input says otherwise.
 * @throws AwsError 400 (name, value, description), 409 (the value is taken), 429 LimitExceededException (10,000 keys)
 */
export function createKey(context: RegionContext, given: NewApiKey): ApiKey {
  checkKey(given);
  const { region } = context;
  const value = given.value === undefined || given.value === '' ? newKeyValue(context.random) : given.value;
  if (region.keyIdByValue.has(value)) throw conflict('API Key already exists');
  if (region.keys.size >= context.limits.maxApiKeys) throw limitExceeded('API Keys limit exceeded');
  const key: ApiKey = {
    id: newId(context.random, 10, region.keys),
    value,
    createdDate: context.now,
    lastUpdatedDate: context.now,
    name: given.name === '' ? undefined : given.name,
    description: given.description === '' ? undefined : given.description,
    customerId: given.customerId,
    enabled: given.enabled ?? false,
    tags: { ...given.tags },
  };
  region.keys.set(key.id, key);
  region.keyIdByValue.set(value, key.id);
  return key;
}

/** Deletes a key and removes it from every plan. @throws AwsError 404, also the second time */
export function deleteKey(region: Region, id: string): void {
  const key = findKey(region, id);
  region.keys.delete(id);
  region.keyIdByValue.delete(key.value);
  for (const plan of region.plans.values()) plan.keyIds = plan.keyIds.filter((keyId) => keyId !== id);
}
