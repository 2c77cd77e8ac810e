/** Name and description of a key in AWS. An import overwrites both, so they are the same in every call of a life. */

/** AWS: a key's name has 1,024 characters at the most. */
export const maxKeyName = 1_024;

export interface KeyNameParts {
  readonly graviteeSubscriptionId: string;
  readonly life: number;
  readonly applicationName: string;
}

/** `gravitee-<subscription id>-<life> <application name>`; by its prefix a list, or an operator, finds it. */
export function keyName({ graviteeSubscriptionId, life, applicationName }: KeyNameParts): string {
  return cut(`${keyNamePrefix(graviteeSubscriptionId, life)} ${plain(applicationName)}`, maxKeyName);
}

/** What a key of this life starts with in AWS. */
export function keyNamePrefix(graviteeSubscriptionId: string, life: number): string {
  return `gravitee-${plain(graviteeSubscriptionId)}-${life}`;
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

/** One line, well-formed: an import sends it as a field of a CSV. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** Cuts at a character, never through the middle of a surrogate pair. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text.trimEnd();
  const head = text.slice(0, length);
  return (head.isWellFormed() ? head : head.slice(0, -1)).trimEnd();
}
