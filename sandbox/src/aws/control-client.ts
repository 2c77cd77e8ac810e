import { COMMANDS } from './control.ts';
import type { AwsControl } from './control.ts';

/** The commands of a sandbox in another process. */
export type RemoteAwsControl = {
  readonly [Name in keyof AwsControl]: (
    ...input: Parameters<AwsControl[Name]>
  ) => Promise<ReturnType<AwsControl[Name]>>;
};

/** The sandbox refused a command: `message` says why, `status` is the HTTP status. */
export class SandboxCommandError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'SandboxCommandError';
    this.status = status;
  }
}

/** The control of the sandbox at `url`, over HTTP. The functions reject with SandboxCommandError. */
export function connectAwsControl(url: string): RemoteAwsControl {
  const call = async (name: string, input: unknown): Promise<unknown> => {
    const response = await fetch(new URL(`/_sandbox/${name}`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    if (!response.ok) throw new SandboxCommandError(response.status, text);
    return text === '' ? undefined : JSON.parse(text);
  };
  return Object.fromEntries(
    Object.keys(COMMANDS).map((name) => [name, (input: unknown = {}) => call(name, input)]),
  ) as RemoteAwsControl;
}
