/**
 * Changes of API keys in one account and region. Each is sent once. None has tags, because those need a further right.
 */
import {
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  ImportApiKeysCommand,
} from '@aws-sdk/client-api-gateway';
import type { Limits } from '@federation-agent/contracts';
import type { Call, Caller } from './call.ts';
import { apiKeyFile, apiKeyFileField } from './csv.ts';
import { AwsNotFound } from './errors.ts';
import type { CallOptions, TargetKeys } from './model.ts';
import { readImportedId, readKeyId, readNothing } from './wire.ts';

export function createKeys(caller: Caller, limits: Limits): TargetKeys {
  const change = <T>(
    { deadline, signal }: CallOptions,
    kind: NonNullable<Call<T>['change']>,
    call: Pick<Call<T>, 'operation' | 'command' | 'read' | 'secrets'>,
  ): Promise<T> =>
    caller({ ...call, change: kind, priority: 'command', timeout: limits.creatingCall, deadline, signal });

  return {
    create: ({ name, description, value }, options = {}) =>
      change(
        options,
        { creates: true, keys: 'create' },
        {
          operation: 'CreateApiKey',
          command: () =>
            new CreateApiKeyCommand({
              name: apiKeyFileField(name),
              description: apiKeyFileField(description),
              value,
              enabled: true, // AWS's default is false.
            }),
          read: readKeyId,
          secrets: [value],
        },
      ),

    import: (key, options = {}) =>
      change(
        options,
        { creates: true, keys: 'create' },
        {
          operation: 'ImportApiKeys',
          command: () =>
            new ImportApiKeysCommand({
              format: 'csv',
              failOnWarnings: true,
              body: Buffer.from(apiKeyFile(key)),
            }),
          read: readImportedId,
          secrets: [key.value],
        },
      ),

    async attach(usagePlanId, keyId, options = {}) {
      await change(
        options,
        { creates: false },
        {
          operation: 'CreateUsagePlanKey',
          command: () => new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }),
          read: readKeyId,
        },
      );
    },

    async delete(keyId, options = {}) {
      try {
        await change(
          options,
          { creates: false, keys: 'delete' },
          {
            operation: 'DeleteApiKey',
            command: () => new DeleteApiKeyCommand({ apiKey: keyId }),
            read: readNothing,
          },
        );
        return 'deleted';
      } catch (error) {
        if (error instanceof AwsNotFound) return 'gone';
        throw error;
      }
    },
  };
}
