/** How much each logger says, changeable while the process runs. One per process. */

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogLevels {
  /** What a line must at least be: of `service.area`, else of the area, else of the service, else of all. */
  levelOf(logger: string): LogLevel;
  /** Undefined takes it back to what is configured. */
  setAll(level: LogLevel | undefined): void;
  /** One logger: a service, an area or `service.area`. Undefined takes it back to what is configured. */
  set(logger: string, level: LogLevel | undefined): void;
  /** Makes a logger known; its name is shown and can be set. */
  add(logger: string): void;
  all(): LogLevel;
  /** Of each known logger what holds now, by name. */
  view(): Readonly<Record<string, LogLevel>>;
}

export interface ConfiguredLevels {
  readonly level: LogLevel;
  /** By logger; `_` is as good as `-`, and capitals are as good as small letters. */
  readonly loggers?: Readonly<Record<string, LogLevel>>;
}

const normal = (logger: string): string => logger.toLowerCase().replaceAll('_', '-');

export function createLogLevels({ level, loggers = {} }: ConfiguredLevels): LogLevels {
  const configured = new Map(Object.entries(loggers).map(([name, own]) => [normal(name), own]));
  const now = new Map(configured);
  const known = new Set(configured.keys());
  let all = level;

  const levelOf = (logger: string): LogLevel => {
    const name = normal(logger);
    const dot = name.indexOf('.');
    const area = dot < 0 ? undefined : now.get(name.slice(dot + 1));
    return now.get(name) ?? area ?? (dot < 0 ? undefined : now.get(name.slice(0, dot))) ?? all;
  };
  return {
    levelOf,
    all: () => all,
    setAll: (next) => (all = next ?? level),
    set: (logger, next) => {
      const name = normal(logger);
      const value = next ?? configured.get(name);
      if (value === undefined) now.delete(name);
      else now.set(name, value);
    },
    add: (logger) => {
      const name = normal(logger);
      known.add(name);
      if (name.includes('.')) known.add(name.slice(name.indexOf('.') + 1));
    },
    view: () => Object.fromEntries([...known].sort().map((name) => [name, levelOf(name)])),
  };
}
