/** The API key file of ImportApiKeys (AWS, "API key file format"): one header, one key. */

/** What a field of a key may contain: control characters, including line ends, become blanks. */
export function apiKeyFileField(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** The file for one key. Every field is quoted, and quotes are doubled. */
export function apiKeyFile(key: {
  readonly name: string;
  readonly value: string;
  readonly description: string;
  readonly enabled: boolean;
}): string {
  const fields = [
    apiKeyFileField(key.name),
    key.value,
    apiKeyFileField(key.description),
    String(key.enabled),
  ];
  const line = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
  return `Name,Key,Description,Enabled\r\n${line}\r\n`;
}
