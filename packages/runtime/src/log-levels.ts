import { isLogLevel, type LogLevel } from './logger.ts';

/** As REST shows a logger. `last_modified`: epoch milliseconds of the last change through this API, else null. */
export interface LoggerLevelInfo {
  level: string;
  last_modified: number | null;
}

/** `root` and every logger that is known, each with its level in upper case. */
export type LevelsByName = Readonly<Record<string, string>>;

export interface LevelChange {
  readonly name: string;
  readonly level: string;
}

/**
 * Levels of the loggers of a process by name, changeable while it runs. (no I/O)
 * Setting a name sets every logger whose name begins with it as text (`a.b` also moves `a.bc`), as Java does. Source: Kafka Connect `Loggers`.
 */
export class LogLevels {
  readonly #now: () => number;
  readonly #levels = new Map<string, LoggerLevelInfo>();
  readonly #followers = new Set<(change: LevelChange) => void>();
  readonly #root: LoggerLevelInfo;

  constructor(rootLevel: LogLevel, now: () => number = Date.now) {
    this.#root = { level: rootLevel.toUpperCase(), last_modified: null };
    this.#now = now;
  }

  /** Log4j's OFF keeps only what is fatal, ALL is TRACE. The first question makes the logger known. */
  levelFor(name: string): LogLevel {
    const { level } = this.#levels.get(name) ?? this.#add(name);
    const lower = level.toLowerCase();
    if (isLogLevel(lower)) return lower;
    return level === 'OFF' ? 'fatal' : 'trace';
  }

  list(): Record<string, LoggerLevelInfo> {
    return { root: { ...this.#root }, ...Object.fromEntries(this.#levels) };
  }

  get(name: string): LoggerLevelInfo | null {
    return name === 'root' ? this.#root : (this.#levels.get(name) ?? null);
  }

  /** The names whose level really changed. `level` is one of Log4j's, in upper case. */
  set(name: string, level: string): string[] {
    if (name !== 'root' && !this.#levels.has(name)) this.#add(name);
    const changed: string[] = [];
    const change = (each: string, info: LoggerLevelInfo): void => {
      if (info.level === level) return;
      info.level = level;
      info.last_modified = this.#now();
      changed.push(each);
    };
    if (name === 'root') change('root', this.#root);
    for (const [each, info] of this.#levels) {
      if (name === 'root' || each.startsWith(name)) change(each, info);
    }
    for (const follow of this.#followers) follow({ name, level });
    return changed;
  }

  byName(): LevelsByName {
    return Object.fromEntries(
      Object.entries(this.list()).map(([name, { level }]) => [name, level]),
    );
  }

  /** Begins with the levels of another process. */
  take(levels: LevelsByName): void {
    for (const [name, level] of Object.entries(levels)) {
      const info = name === 'root' ? this.#root : (this.#levels.get(name) ?? this.#add(name));
      info.level = level;
    }
  }

  /** Tells every `set` until the function that it returns is called: another process may know more loggers, which it moves as well. */
  follow(listener: (change: LevelChange) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  /** A new logger has the level of the nearest name above it. */
  #add(name: string): LoggerLevelInfo {
    let level = this.#root.level;
    for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
      const parent = this.#levels.get(name.slice(0, end));
      if (parent !== undefined) {
        level = parent.level;
        break;
      }
    }
    const info = { level, last_modified: null };
    this.#levels.set(name, info);
    return info;
  }
}
