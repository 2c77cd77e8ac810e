/** The level of each logger. Levels can change while the process runs. One object per process. */

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogLevels {
  /** The lowest level that is logged: the level of `service.area`, or else of the area, the service, or all loggers. */
  levelOf(logger: string): LogLevel;
  /** Undefined restores the configured level. */
  setAll(level: LogLevel | undefined): void;
  /** Sets one logger: a service, an area or `service.area`. Undefined restores the configured level. */
  set(logger: string, level: LogLevel | undefined): void;
  /** Registers a logger, so that its level is listed and can be set. */
  add(logger: string): void;
  all(): LogLevel;
  /** The current level of each known logger, by name. */
  view(): Readonly<Record<string, LogLevel>>;
}

export interface ConfiguredLevels {
  readonly level: LogLevel;
  /** By logger. `_` counts as `-`, and case does not matter. */
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
