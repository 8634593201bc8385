/** Config keys of sink connectors, beyond those of every connector. (no I/O) Source: Kafka Connect `SinkConnectorConfig`. */
import {
  anyNonDuplicateValues,
  boolean,
  type ConfigKey,
  type ConfigValue,
  compileJavaPattern,
  list,
  short,
  string,
  validJavaPattern,
} from '@tributary/sdk';

export function sinkConnectorKeys(): ConfigKey[] {
  return [
    list('topics', {
      default: '',
      validator: anyNonDuplicateValues(true, false),
      importance: 'HIGH',
      group: 'Common',
      order: 4,
      width: 'LONG',
      displayName: 'Topics',
      doc: 'Topics to consume.',
    }),
    string('topics.regex', {
      default: '',
      validator: validJavaPattern(),
      importance: 'HIGH',
      group: 'Common',
      order: 4,
      width: 'LONG',
      displayName: 'Topics regex',
      doc: 'Regular expression of the names of topics to consume; the whole name must match.',
    }),
    string('errors.deadletterqueue.topic.name', {
      default: '',
      group: 'Error Handling',
      order: 6,
      width: 'MEDIUM',
      displayName: 'Dead Letter Queue Topic Name',
      doc: 'Topic for records that could not be processed; none when empty.',
    }),
    short('errors.deadletterqueue.topic.replication.factor', {
      default: 3,
      group: 'Error Handling',
      order: 7,
      width: 'MEDIUM',
      displayName: 'Dead Letter Queue Topic Replication Factor',
      doc: 'Replication factor of that topic when it has to be created.',
    }),
    boolean('errors.deadletterqueue.context.headers.enable', {
      default: false,
      group: 'Error Handling',
      order: 8,
      width: 'MEDIUM',
      displayName: 'Enable Error Context Headers',
      doc: 'Whether such records carry headers that say where and why they failed.',
    }),
  ];
}

/** What spans several keys: exactly one of topics and topics.regex, and no dead letter queue among them. */
export function checkSinkTopics(
  raw: Readonly<Record<string, string | null>>,
  values: ReadonlyMap<string, ConfigValue>,
): void {
  const textOf = (key: string): string => raw[key]?.trim() ?? '';
  const addError = (message: string, ...keys: string[]): void => {
    for (const key of keys) values.get(key)?.errors.push(message);
  };
  const topics = textOf('topics');
  const pattern = textOf('topics.regex');
  const deadLetterQueue = textOf('errors.deadletterqueue.topic.name');
  if (topics !== '' && pattern !== '') {
    addError(
      'topics and topics.regex are mutually exclusive options, but both are set.',
      'topics',
      'topics.regex',
    );
  }
  if (topics === '' && pattern === '') {
    addError('Must configure one of topics or topics.regex', 'topics', 'topics.regex');
  }
  if (deadLetterQueue === '') return;
  const named = topics.split(',').map((topic) => topic.trim());
  if (topics !== '' && named.includes(deadLetterQueue)) {
    addError(
      `The DLQ topic '${deadLetterQueue}' may not be included in the list of topics ('topics=[${named.join(', ')}]') consumed by the connector`,
      'topics',
    );
  }
  if (pattern !== '' && matchesWhole(pattern, deadLetterQueue)) {
    addError(
      `The DLQ topic '${deadLetterQueue}' may not be matched by the regex for the topics ('topics.regex=${pattern}') consumed by the connector`,
      'topics.regex',
    );
  }
}

function matchesWhole(pattern: string, text: string): boolean {
  try {
    return compileJavaPattern(pattern).matches(text);
  } catch {
    return false;
  }
}
