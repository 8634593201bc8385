import { createAdmin, createConsumer } from '@tributary/kafka';

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** The values of all records that a topic has now, as text, partition by partition. */
export async function consumeAll(bootstrapServers: string, topic: string): Promise<string[]> {
  const admin = createAdmin({ 'bootstrap.servers': bootstrapServers }, { logger: silent });
  const consumer = createConsumer(
    {
      'bootstrap.servers': bootstrapServers,
      'group.id': `consume-all-${Math.random()}`,
      'auto.offset.reset': 'earliest',
    },
    { logger: silent },
  );
  try {
    const partitions = (await admin.describeTopics([topic])).get(topic)?.partitions.length ?? 0;
    const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const ends = await admin.listOffsets(all, 'latest');
    let left = ends.reduce((sum, { offset }) => sum + Number(offset), 0);
    const values: string[] = [];
    consumer.subscribe([topic], { onAssigned() {}, onRevoked() {}, onLost() {} });
    const deadline = Date.now() + 30_000;
    while (left > 0) {
      if (Date.now() > deadline) throw new Error(`${left} records of "${topic}" did not come`);
      for (const { records } of await consumer.poll(500)) {
        left -= records.length;
        for (const { value } of records) values.push(value?.toString() ?? '');
      }
    }
    return values;
  } finally {
    await consumer.close(5_000);
    await admin.close();
  }
}
