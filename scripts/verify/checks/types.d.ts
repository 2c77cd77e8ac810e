/** The types of a check of `npm run verify:deploy`. */

/** A program that a check needs; `scripts/verify/tools` says how each is fetched. */
export type ToolName = string;

/** What a check works with. */
export interface Context {
  /** The checkout, absolute. */
  readonly checkout: string;
  /** An empty folder of this check, removed after it. */
  readonly scratch: string;
  /** A Node that runs the sources. */
  readonly node: string;
  /** Environment for children: Node first in PATH, `NATS_SERVER_BIN`, the folders of the fetched tools in PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** Absolute path of a tool that the check named in `needs`. */
  readonly tool: (name: ToolName) => string;
  /** Runs a command to its end in the checkout, and returns its output. */
  readonly run: (
    command: string,
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string },
  ) => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  /** Like `run`, but returns stdout. @throws Error with the output when the command fails */
  readonly must: (
    command: string,
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string },
  ) => Promise<string>;
  /** Prints a line for whoever waits. */
  readonly log: (line: string) => void;
}

/** One check: passes by returning, fails by throwing an Error whose message says what is wrong. */
export interface Check {
  /** In the form `area: what`, such as `helm: lint`. */
  readonly name: string;
  readonly needs: readonly ToolName[];
  /** Takes more than a minute with warm tools, or needs root: not part of `--quick`. */
  readonly slow?: boolean;
  /** Takes many minutes because it measures: runs only when its name is asked for. */
  readonly measures?: boolean;
  /** Runs alone: it starts servers or containers. */
  readonly alone?: boolean;
  /** @returns what was seen, in a few words, for the report */
  readonly run: (context: Context) => Promise<string | undefined>;
}
