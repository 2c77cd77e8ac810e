/** Name and description of a key in AWS. An import overwrites both, so every call of a life uses the same ones. */

/** AWS limits a key's name to 1,024 characters. */
export const maxKeyName = 1_024;

export interface KeyNameParts {
  readonly graviteeSubscriptionId: string;
  readonly life: number;
  readonly applicationName: string;
}

/** `gravitee-<subscription id>-<life> <application name>`. A list, or an operator, finds the key by the prefix. */
export function keyName({ graviteeSubscriptionId, life, applicationName }: KeyNameParts): string {
  return cut(`${keyNamePrefix(graviteeSubscriptionId, life)} ${plain(applicationName)}`, maxKeyName);
}

/** The start of the name of every key of this life. */
export function keyNamePrefix(graviteeSubscriptionId: string, life: number): string {
  return `gravitee-${plain(graviteeSubscriptionId)}-${life}`;
}

/** The subscription and life in the name of a key; undefined: the agent gives no such name. */
export function parseKeyName(
  name: string,
): { readonly graviteeSubscriptionId: string; readonly life: number } | undefined {
  const [, graviteeSubscriptionId, life] = /^gravitee-(.+?)-([1-9]\d{0,8})(?: |$)/u.exec(name) ?? [];
  return graviteeSubscriptionId === undefined ? undefined : { graviteeSubscriptionId, life: Number(life) };
}

/** The integration in the description of a key; undefined: the agent gives no such description. */
export function integrationInDescription(description: string): string | undefined {
  return /^Gravitee application .*, integration (.+), usage plan [^ ]+$/u.exec(description)?.[1];
}

export interface KeyDescriptionParts {
  readonly applicationId: string;
  readonly integrationId: string;
  readonly usagePlanId: string;
}

export function keyDescription({ applicationId, integrationId, usagePlanId }: KeyDescriptionParts): string {
  return plain(
    `Gravitee application ${applicationId}, integration ${integrationId}, usage plan ${usagePlanId}`,
  );
}

/** One well-formed line, because an import sends it as a field of a CSV. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** Cuts between characters, never inside a surrogate pair. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text.trimEnd();
  const head = text.slice(0, length);
  return (head.isWellFormed() ? head : head.slice(0, -1)).trimEnd();
}
