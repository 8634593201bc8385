import { ConfigError, type Validator, validator } from '@tributary/sdk';

/** For topics that a worker or connector creates. (no I/O) Source: Kafka Connect `TopicCreationConfig`. */
export function topicPartitions(): Validator {
  return validator("Positive number, or -1 to use the broker's default", (name, value) => {
    requireCount(name, value, 'Number of partitions must be positive');
  });
}

export function replicationFactor(): Validator {
  return validator(
    "Positive number not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
    (name, value) =>
      requireCount(
        name,
        value,
        'Replication factor must be positive and not larger than the number of brokers in the Kafka cluster',
      ),
  );
}

function requireCount(name: string, value: unknown, rule: string): void {
  const count = value as number | null;
  if (count === null || count === -1 || count > 0) return;
  throw new ConfigError(name, value, `${rule}, or -1 to use the broker's default`);
}
