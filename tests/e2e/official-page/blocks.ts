/** The blocks of the official page, unchanged; a user replaces what is in brackets. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

const Compose = z.object({
  services: z.object({ 'integration-agent': z.object({ environment: z.array(z.string()) }) }),
});
const Values = z.object({ config: z.object({ graviteeYml: z.record(z.string(), z.unknown()) }) });

/** The user's values in place of the brackets. `endpoint` is the whole URL. */
export interface Filled {
  readonly endpoint: string;
  readonly token: string;
  readonly integrationId: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly cloudToken?: string;
}

function fill(text: string, filled: Filled): string {
  const places: Readonly<Record<string, string>> = {
    'https://[your-APIM-management-API-host]/integration-controller': filled.endpoint,
    '[your-token]': filled.token,
    '[your-integration-id]': filled.integrationId,
    '[organization-id]': 'DEFAULT',
    '[your-aws-region]': filled.region,
    '[your-key-id]': filled.accessKeyId,
    '[your-access-key]': filled.secretAccessKey,
    '[your-cloud-token]': filled.cloudToken ?? '',
  };
  return Object.entries(places).reduce((result, [place, value]) => result.replaceAll(place, value), text);
}

/** The environment of the container: the block of the compose file, with its `.env` filled in like compose does. */
export function composeEnvironment(filled: Filled): Record<string, string> {
  const lines = fill(read('env.example'), filled).split('\n');
  const variables = new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/u.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? '']];
    }),
  );
  const put = (text: string): string =>
    text.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/gu, (_, name: string, otherwise = '') => {
      const value = variables.get(name);
      return value === undefined || value === '' ? String(otherwise) : value;
    });
  const { environment } = Compose.parse(parse(read('docker-compose.yml'))).services['integration-agent'];
  return Object.fromEntries(
    environment.map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), put(entry.slice(at + 1))];
    }),
  );
}

/** The `gravitee.yml` that the chart writes from a values file. Its cloud section is removed, as the page says. */
export function graviteeYml(
  values: 'standard-values.yml' | 'custom-certificate-values.yml',
  filled: Filled,
): string {
  const { cloud, ...sections } = Values.parse(parse(fill(read(values), filled))).config.graviteeYml;
  const kept = filled.cloudToken === undefined ? sections : { ...sections, cloud };
  return JSON.stringify(kept);
}
