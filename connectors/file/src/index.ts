import { definePlugin, type SinkPlugin, type SourcePlugin } from '@tributary/sdk';
import { sinkConfig, sourceConfig } from './config.ts';
import { FileStreamSinkConnector } from './sink-connector.ts';
import { FileStreamSinkTask } from './sink-task.ts';
import { FileStreamSourceConnector } from './source-connector.ts';
import { FileStreamSourceTask } from './source-task.ts';

export const FileStreamSource: SourcePlugin = definePlugin({
  type: 'source',
  className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  taskClassName: 'org.apache.kafka.connect.file.FileStreamSourceTask',
  config: sourceConfig,
  createConnector: () => new FileStreamSourceConnector(),
  createTask: () => new FileStreamSourceTask(),
});

export const FileStreamSink: SinkPlugin = definePlugin({
  type: 'sink',
  className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  taskClassName: 'org.apache.kafka.connect.file.FileStreamSinkTask',
  config: sinkConfig,
  createConnector: () => new FileStreamSinkConnector(),
  createTask: () => new FileStreamSinkTask(),
});
