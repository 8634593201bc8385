/** Config -> plugins, converters, clients, a ready spine. Source: Kafka Connect `Worker.TaskBuilder`. */
import type { Admin, GroupMemberId, Producer } from '@tributary/kafka';
import type { SinkRecord } from '@tributary/sdk';
import { ConnectError, type SourceRecord } from '@tributary/sdk';
import { systemClock } from '../clock.ts';
import type { ConnectorState } from '../herder/herder.ts';
import type { TaskRun } from '../hosts/messages.ts';
import { createSinkSpine } from '../sink/worker-sink-task.ts';
import { createSourceSpine } from '../source/worker-source-task.ts';
import { createSinkConversion, createSourceConversion } from '../stages/convert.ts';
import { createDeadLetterQueue, createDeadLetterTopic } from '../stages/dead-letter-queue.ts';
import { createLogReport, createReport } from '../stages/report-error.ts';
import { formatTrace, javaNameOf } from '../stages/trace.ts';
import type { Consumed, Converters, Report } from '../stages/types.ts';
import {
  deadLetterAdminConfig,
  deadLetterProducerConfig,
  sinkConsumerConfig,
  sourceAdminConfig,
  sourceProducerConfig,
} from './client-configs.ts';
import { runTask, type Spine, type TaskRunHandle } from './run-task.ts';
import {
  parseTaskConfig,
  parseWorkerKeys,
  subscriptionOf,
  tolerancePolicyOf,
  tooManyTasks,
  topicGroupsOf,
} from './task-config.ts';
import { TaskControl } from './task-control.ts';
import type { TaskDeps } from './task-deps.ts';
import { closeAll, createChain, createConverters, loadConnectorPlugin } from './task-plugins.ts';

export type { TaskDeps } from './task-deps.ts';

export interface RunningTask extends TaskRunHandle {
  /** Topics that were told are told again when they are used again. */
  forgetTopics(): void;
}

const clientCloseTimeoutMs = 30_000;

/**
 * Resolves when the spine's loop has begun, before the task's `start` has returned; what becomes of it then is told by events.
 * Rejects, with nothing left open, when the task cannot be made.
 */
export async function buildTask(run: TaskRun, deps: TaskDeps): Promise<RunningTask> {
  const parts = await prepare(run, deps);
  try {
    const { plugin, version } = parts;
    const spine =
      plugin.type === 'source' ? await buildSource(parts, plugin) : await buildSink(parts, plugin);
    const handle = runTask({
      spine,
      control: parts.control,
      version,
      taskName: parts.taskName,
      clock: parts.clock,
      logger: parts.logger,
      setStatus: parts.setStatus,
      formatTrace,
    });
    return { ...handle, forgetTopics: () => parts.toldTopics.clear() };
  } catch (error) {
    await closeAll(parts.closing).catch(() => {});
    throw error;
  }
}

type Parts = Awaited<ReturnType<typeof prepare>>;
type Plugin<T> = Extract<Parts['plugin'], { type: T }>;

/** What source and sink tasks have in common. */
async function prepare(run: TaskRun, deps: TaskDeps) {
  const { connectorConfig, taskConfig: configs } = run;
  const config = parseTaskConfig(connectorConfig);
  const { logger, settings } = deps;
  const excess = tooManyTasks(run.connector, run.taskCount, config['tasks.max']);
  if (excess !== null) {
    if (config['tasks.max.enforce']) throw new ConnectError(excess, { code: 'TRB_TOO_MANY_TASKS' });
    logger.warn(excess);
  }
  const { plugin, version } = await loadConnectorPlugin(deps.plugins, connectorConfig);
  const { workerConfig } = settings;
  const toldTopics = new Set<string>();
  const converters = await createConverters(deps.plugins, connectorConfig, workerConfig);
  return {
    run,
    deps,
    taskName: `${run.connector}-${run.task}`,
    control: new TaskControl(run.targetState),
    clock: deps.clock ?? systemClock,
    logger,
    plugin,
    version,
    configs,
    config,
    connectorConfig,
    converters,
    worker: parseWorkerKeys(workerConfig),
    facts: { ...run, workerConfig, connectorConfig, kafkaClusterId: settings.kafkaClusterId },
    /** In the order in which to close. */
    closing: closingOf(converters),
    enter: <T>(label: string, call: () => T): T =>
      deps.enter === undefined ? call() : deps.enter(label, call),
    setStatus: (state: ConnectorState, trace?: string): void =>
      deps.emit({
        kind: 'taskStatus',
        runId: run.runId,
        state,
        ...(trace === undefined ? {} : { trace }),
      }),
    onMember: (member: GroupMemberId): void =>
      deps.emit({ kind: 'groupMember', runId: run.runId, ...member }),
    toldTopics,
    topicUsed: (topic: string): void => {
      if (toldTopics.has(topic)) return;
      toldTopics.add(topic);
      deps.emit({ kind: 'topicUsed', connector: run.connector, topic });
    },
  };
}

async function buildSource(parts: Parts, plugin: Plugin<'source'>): Promise<Spine> {
  const { run, deps, control, config, worker, closing, taskName } = parts;
  const chain = await createChain<SourceRecord>(deps.plugins, parts.connectorConfig);
  closing.push(...chain.map((link) => () => link.close()));
  const groups = worker['topic.creation.enable'] ? topicGroupsOf(parts.connectorConfig) : null;
  const task = plugin.createTask();
  const { enter } = parts;
  let admin: Admin | null = null;
  if (groups !== null) {
    admin = await deps.createAdmin(sourceAdminConfig(parts.facts));
    const opened = admin;
    closing.push(() => opened.close());
  }
  const producer = await deps.createProducer(sourceProducerConfig(parts.facts));
  return createSourceSpine({
    taskName,
    task,
    conversion: createSourceConversion(chain, parts.converters),
    producer,
    topics: groups === null || admin === null ? null : { admin, groups, known: new Set() },
    policy: tolerancePolicyOf(config),
    report: createReport(logReports(parts)),
    clock: parts.clock,
    logger: parts.logger,
    taskContext: {
      configs: parts.configs,
      offsetStorageReader: createOffsetReader(parts),
    },
    control,
    offsets: { write: (entries, signal) => deps.offsets.write(run.connector, entries, signal) },
    commitIntervalMs: worker['offset.flush.interval.ms'],
    commitTimeoutMs: worker['offset.flush.timeout.ms'],
    setStatus: parts.setStatus,
    topicUsed: parts.topicUsed,
    enter,
    closeStages: () => closeAll(closing),
  });
}

async function buildSink(parts: Parts, plugin: Plugin<'sink'>): Promise<Spine> {
  const { run, deps, control, config, worker, closing, taskName } = parts;
  const subscription = subscriptionOf(parts.connectorConfig);
  const chain = await createChain<SinkRecord>(deps.plugins, parts.connectorConfig);
  closing.push(...chain.map((link) => () => link.close()));
  const task = plugin.createTask();
  const deadLetterTopic = config['errors.deadletterqueue.topic.name'].trim();
  const reports = logReports(parts);
  if (deadLetterTopic !== '') {
    const producer: Producer = await deps.createProducer(deadLetterProducerConfig(parts.facts));
    // Before the converters: it still has records to send.
    closing.unshift(() => producer.close(control.isCancelled ? 0 : clientCloseTimeoutMs));
    reports.push(
      createDeadLetterQueue({
        topic: deadLetterTopic,
        hasContextHeaders: config['errors.deadletterqueue.context.headers.enable'],
        connector: run.connector,
        task: run.task,
        producer,
        signal: control.cancelled,
        formatTrace,
        javaNameOf,
      }),
    );
  }
  const prepareDeadLetters = async (): Promise<void> => {
    if (deadLetterTopic === '') return;
    const admin = await deps.createAdmin(deadLetterAdminConfig(parts.facts));
    try {
      const factor = config['errors.deadletterqueue.topic.replication.factor'];
      await createDeadLetterTopic(admin, deadLetterTopic, factor, control.stopped);
    } finally {
      await admin.close();
    }
  };
  const consumer = await deps.createConsumer(sinkConsumerConfig(parts.facts), parts.onMember);
  return createSinkSpine({
    taskName,
    task,
    consumer,
    configs: parts.configs,
    subscription,
    conversion: createSinkConversion(chain, parts.converters),
    policy: tolerancePolicyOf(config),
    report: createReport(reports),
    serialize: (record) => serialize(record, parts.converters),
    clock: parts.clock,
    logger: parts.logger,
    control,
    commitIntervalMs: worker['offset.flush.interval.ms'],
    commitTimeoutMs: worker['offset.flush.timeout.ms'],
    prepare: prepareDeadLetters,
    setStatus: parts.setStatus,
    topicUsed: parts.topicUsed,
    enter: parts.enter,
    closeStages: () => closeAll(closing),
  });
}

function logReports({ config, taskName, logger }: Parts): Report[] {
  if (!config['errors.log.enable']) return [];
  const includesMessages = config['errors.log.include.messages'];
  return [createLogReport({ taskName, includesMessages, logger })];
}

function createOffsetReader({ run, deps, control }: Parts) {
  const offsets = async (partitions: readonly Readonly<Record<string, unknown>>[]) => {
    if (control.isCancelled) {
      throw new ConnectError('Offset reader is closed: the task was cancelled', {
        code: 'TRB_OFFSET_READER_CLOSED',
      });
    }
    return deps.offsets.read(run.connector, partitions, control.cancelled);
  };
  return {
    offsets,
    offset: async (partition: Readonly<Record<string, unknown>>) =>
      (await offsets([partition]))[0] ?? null,
  };
}

/** A record that the task made itself has no consumed bytes: its own converters make them. */
function serialize(record: SinkRecord, converters: Converters): Consumed {
  const { topic, headersOrNull } = record;
  const { key, value, header } = converters;
  const bytes = (from: Uint8Array | null): Buffer | null =>
    from === null ? null : Buffer.from(from.buffer, from.byteOffset, from.byteLength);
  return {
    from: {
      topic: record.originalTopic,
      partition: record.originalKafkaPartition,
      timestampType: record.timestampType,
      nextOffset: BigInt(record.originalOffset) + 1n,
      records: [],
    },
    record: {
      offset: record.originalOffset,
      timestamp: record.timestamp ?? -1,
      key: bytes(key.plugin.fromConnectData(topic, record.keySchema, record.key, headersOrNull)),
      value: bytes(
        value.plugin.fromConnectData(topic, record.valueSchema, record.value, headersOrNull),
      ),
      headers: [...(headersOrNull ?? [])].map((each) => ({
        key: each.key,
        value: header.plugin.fromConnectHeader(topic, each.key, each.schema, each.value),
      })),
    },
  };
}

function closingOf(converters: Converters): (() => void | Promise<void> | undefined)[] {
  return [
    () => converters.key.plugin.close?.(),
    () => converters.value.plugin.close?.(),
    () => converters.header.plugin.close?.(),
  ];
}
