/** With schema (in an envelope) or without. */
export const schemaKinds = ['schema', 'plain'] as const;

/** The same records in both forms. */
export type BenchMessages = Readonly<Record<(typeof schemaKinds)[number], readonly Uint8Array[]>>;

/** Orders as a database might give them: 12 fields, one of them a struct, one a list. */
export function createMessages(count: number): BenchMessages {
  const orders = Array.from({ length: count }, (_, index) => JSON.stringify(orderOf(index)));
  const envelope = JSON.stringify(schema);
  return {
    schema: orders.map((order) => Buffer.from(`{"schema":${envelope},"payload":${order}}`)),
    plain: orders.map((order) => Buffer.from(order)),
  };
}

function orderOf(index: number): unknown {
  return {
    id: 1_000_000_007 * (index + 1),
    customer: `customer-${index % 97}`,
    email: `someone.${index}@example.org`,
    total: ((index * 7919) % 100_000) / 100 + 0.01,
    discount: index % 3 === 0 ? 0.125 : null,
    quantity: index % 50,
    active: index % 2 === 0,
    created: 1_700_000_000_123 + index * 61_001,
    tags: ['new', index % 5 === 0 ? 'Grüße "quoted"' : 'plain', `tag-${index % 11}`],
    address: {
      street: `${index} Long Street`,
      city: 'Zürich',
      zip: index % 4 === 0 ? null : '8001',
    },
    note: index % 2 === 0 ? null : 'Leave it with the neighbours,\nplease.',
    rank: index % 128,
  };
}

const schema = {
  type: 'struct',
  optional: false,
  name: 'bench.Order',
  version: 1,
  fields: [
    field('id', 'int64'),
    field('customer', 'string'),
    field('email', 'string'),
    field('total', 'double'),
    field('discount', 'double', true),
    field('quantity', 'int32'),
    field('active', 'boolean'),
    { ...field('created', 'int64'), name: 'org.apache.kafka.connect.data.Timestamp', version: 1 },
    { ...field('tags', 'array'), items: { type: 'string', optional: false } },
    {
      ...field('address', 'struct'),
      fields: [field('street', 'string'), field('city', 'string'), field('zip', 'string', true)],
    },
    field('note', 'string', true),
    field('rank', 'int8'),
  ],
};

function field(name: string, type: string, optional = false): object {
  return { type, optional, field: name };
}
