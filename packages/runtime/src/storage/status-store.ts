import type { ConnectorState } from '../herder/herder.ts';

/** What is known of one connector or task instance. `version` is null while unknown. */
export interface Status {
  readonly state: ConnectorState;
  readonly trace: string | null;
  readonly workerId: string;
  readonly version: string | null;
}

/** Connector, task and topic status. Source: Kafka Connect `StatusBackingStore`. */
export interface StatusStore {
  putConnector(connector: string, status: Status): void;
  putTask(connector: string, task: number, status: Status): void;
  connector(connector: string): Status | undefined;
  task(connector: string, task: number): Status | undefined;
  /** By task number. */
  tasks(connector: string): ReadonlyMap<number, Status>;
  removeTask(connector: string, task: number): void;
  /** With its tasks; active topics stay. */
  removeConnector(connector: string): void;
  addTopic(connector: string, topic: string): void;
  /** Sorted. */
  topics(connector: string): string[];
  removeTopics(connector: string): void;
}

/** Standalone: in memory, lost on restart. */
export class MemoryStatusStore implements StatusStore {
  readonly #connectors = new Map<string, Status>();
  readonly #tasks = new Map<string, Map<number, Status>>();
  readonly #topics = new Map<string, Set<string>>();

  putConnector(connector: string, status: Status): void {
    this.#connectors.set(connector, status);
  }

  putTask(connector: string, task: number, status: Status): void {
    const tasks = this.#tasks.get(connector) ?? new Map<number, Status>();
    this.#tasks.set(connector, tasks.set(task, status));
  }

  connector(connector: string): Status | undefined {
    return this.#connectors.get(connector);
  }

  task(connector: string, task: number): Status | undefined {
    return this.#tasks.get(connector)?.get(task);
  }

  tasks(connector: string): ReadonlyMap<number, Status> {
    const tasks = this.#tasks.get(connector) ?? new Map<number, Status>();
    return new Map([...tasks].sort(([a], [b]) => a - b));
  }

  removeTask(connector: string, task: number): void {
    this.#tasks.get(connector)?.delete(task);
  }

  removeConnector(connector: string): void {
    this.#connectors.delete(connector);
    this.#tasks.delete(connector);
  }

  addTopic(connector: string, topic: string): void {
    const topics = this.#topics.get(connector) ?? new Set<string>();
    this.#topics.set(connector, topics.add(topic));
  }

  topics(connector: string): string[] {
    return [...(this.#topics.get(connector) ?? [])].sort();
  }

  removeTopics(connector: string): void {
    this.#topics.delete(connector);
  }
}
