/** Keys of Java's clients 4.3: read, harmless or refused. Every key of its `ProducerConfig`, `ConsumerConfig` and `AdminClientConfig` is in one of these tables. (no I/O) */

/** `secret`: text that is never shown, nor trimmed. */
export type Kind = 'text' | 'secret' | 'int' | 'long' | 'double' | 'boolean' | 'list';

export interface KeyTable {
  readonly [key: string]: readonly [kind: Kind, defaultValue: string];
}

/** Where the token of OAUTHBEARER comes from and when it is replaced. Unlike Java's, the time limits have a default. */
const loginKeys = {
  'sasl.login.callback.handler.class': ['text', ''],
  'sasl.login.connect.timeout.ms': ['int', '10000'],
  'sasl.login.read.timeout.ms': ['int', '10000'],
  'sasl.login.refresh.buffer.seconds': ['int', '300'],
  'sasl.login.refresh.min.period.seconds': ['int', '60'],
  'sasl.login.refresh.window.factor': ['double', '0.8'],
  'sasl.login.refresh.window.jitter': ['double', '0.05'],
  'sasl.login.retry.backoff.max.ms': ['long', '10000'],
  'sasl.login.retry.backoff.ms': ['long', '100'],
  'sasl.oauthbearer.assertion.algorithm': ['text', 'RS256'],
  'sasl.oauthbearer.assertion.claim.aud': ['text', ''],
  'sasl.oauthbearer.assertion.claim.exp.seconds': ['int', '300'],
  'sasl.oauthbearer.assertion.claim.iss': ['text', ''],
  'sasl.oauthbearer.assertion.claim.jti.include': ['boolean', 'false'],
  'sasl.oauthbearer.assertion.claim.nbf.seconds': ['int', '60'],
  'sasl.oauthbearer.assertion.claim.sub': ['text', ''],
  'sasl.oauthbearer.assertion.file': ['text', ''],
  'sasl.oauthbearer.assertion.private.key.file': ['text', ''],
  'sasl.oauthbearer.assertion.private.key.passphrase': ['secret', ''],
  'sasl.oauthbearer.assertion.template.file': ['text', ''],
  'sasl.oauthbearer.client.credentials.client.id': ['text', ''],
  'sasl.oauthbearer.client.credentials.client.secret': ['secret', ''],
  'sasl.oauthbearer.header.urlencode': ['boolean', 'false'],
  'sasl.oauthbearer.jwt.retriever.class': [
    'text',
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever',
  ],
  'sasl.oauthbearer.scope': ['text', ''],
  'sasl.oauthbearer.scope.claim.name': ['text', 'scope'],
  'sasl.oauthbearer.sub.claim.name': ['text', 'sub'],
  'sasl.oauthbearer.token.endpoint.url': ['text', ''],
} as const satisfies KeyTable;

export const commonKeys = {
  'bootstrap.servers': ['list', ''],
  'client.id': ['text', ''],
  'client.rack': ['text', ''],
  'request.timeout.ms': ['int', '30000'],
  'default.api.timeout.ms': ['int', '60000'],
  'metadata.max.age.ms': ['long', '300000'],
  'metadata.recovery.strategy': ['text', 'rebootstrap'],
  'metadata.recovery.rebootstrap.trigger.ms': ['long', '300000'],
  'retry.backoff.ms': ['long', '100'],
  'retry.backoff.max.ms': ['long', '1000'],
  'reconnect.backoff.ms': ['long', '50'],
  'reconnect.backoff.max.ms': ['long', '1000'],
  'socket.connection.setup.timeout.ms': ['long', '10000'],
  'socket.connection.setup.timeout.max.ms': ['long', '30000'],
  'connections.max.idle.ms': ['long', '540000'],
  'security.protocol': ['text', 'PLAINTEXT'],
  'sasl.mechanism': ['text', 'GSSAPI'],
  'sasl.jaas.config': ['secret', ''],
  'sasl.kerberos.service.name': ['text', ''],
  ...loginKeys,
  'ssl.truststore.type': ['text', 'JKS'],
  'ssl.truststore.location': ['text', ''],
  'ssl.truststore.password': ['secret', ''],
  'ssl.truststore.certificates': ['secret', ''],
  'ssl.keystore.type': ['text', 'JKS'],
  'ssl.keystore.location': ['text', ''],
  'ssl.keystore.password': ['secret', ''],
  'ssl.keystore.certificate.chain': ['secret', ''],
  'ssl.keystore.key': ['secret', ''],
  'ssl.key.password': ['secret', ''],
  'ssl.cipher.suites': ['list', ''],
  'ssl.protocol': ['text', 'TLSv1.3'],
  'ssl.enabled.protocols': ['list', 'TLSv1.2,TLSv1.3'],
  'ssl.endpoint.identification.algorithm': ['text', 'https'],
} as const satisfies KeyTable;

export const adminKeys = {
  ...commonKeys,
  'connections.max.idle.ms': ['long', '300000'],
  retries: ['int', '2147483647'],
} as const satisfies KeyTable;

export const producerKeys = {
  ...commonKeys,
  acks: ['text', 'all'],
  'metadata.max.idle.ms': ['long', '300000'],
  'batch.size': ['int', '16384'],
  'buffer.memory': ['long', '33554432'],
  'compression.gzip.level': ['int', '-1'],
  'compression.zstd.level': ['int', '3'],
  'compression.type': ['text', 'none'],
  'delivery.timeout.ms': ['int', '120000'],
  'enable.idempotence': ['boolean', 'true'],
  'linger.ms': ['long', '5'],
  'max.block.ms': ['long', '60000'],
  'max.in.flight.requests.per.connection': ['int', '5'],
  'max.request.size': ['int', '1048576'],
  'partitioner.adaptive.partitioning.enable': ['boolean', 'true'],
  'partitioner.availability.timeout.ms': ['long', '0'],
  'partitioner.class': ['text', ''],
  'partitioner.ignore.keys': ['boolean', 'false'],
  retries: ['int', '2147483647'],
  'transaction.timeout.ms': ['int', '60000'],
  'transactional.id': ['text', ''],
} as const satisfies KeyTable;

export const consumerKeys = {
  ...commonKeys,
  'group.id': ['text', ''],
  'group.instance.id': ['text', ''],
  'allow.auto.create.topics': ['boolean', 'true'],
  'auto.offset.reset': ['text', 'latest'],
  'check.crcs': ['boolean', 'true'],
  'exclude.internal.topics': ['boolean', 'true'],
  'fetch.max.bytes': ['int', '52428800'],
  'fetch.max.wait.ms': ['int', '500'],
  'fetch.min.bytes': ['int', '1'],
  'heartbeat.interval.ms': ['int', '3000'],
  'isolation.level': ['text', 'read_uncommitted'],
  'max.partition.fetch.bytes': ['int', '1048576'],
  'max.poll.interval.ms': ['int', '300000'],
  'max.poll.records': ['int', '500'],
  'partition.assignment.strategy': ['list', 'range'],
  'session.timeout.ms': ['int', '45000'],
} as const satisfies KeyTable;

/** Keys of Java's clients that change nothing here, each with the values that are true of this client (in any case of letters), or null for any. */
export const harmlessKeys: Readonly<Record<string, readonly string[] | null>> = {
  'client.dns.lookup': ['use_all_dns_ips'],
  // The library for lz4 has one level.
  'compression.lz4.level': ['9'],
  'enable.auto.commit': ['false'],
  'group.protocol': ['classic'],
  'internal.throw.on.fetch.stable.offset.unsupported': ['false'],
  'transaction.two.phase.commit.enable': ['false'],
  // Nothing is committed by a timer.
  'auto.commit.interval.ms': null,
  // Records are bytes on both sides.
  'key.serializer': null,
  'value.serializer': null,
  'key.deserializer': null,
  'value.deserializer': null,
  // The operating system sizes them.
  'send.buffer.bytes': null,
  'receive.buffer.bytes': null,
  // No metrics are kept, sampled or pushed.
  'auto.include.jmx.reporter': null,
  'enable.metrics.push': null,
  'metrics.num.samples': null,
  'metrics.recording.level': null,
  'metrics.sample.window.ms': null,
  // For share groups, which no client here is of.
  'share.acknowledgement.mode': null,
  'share.acquire.mode': null,
  // How Java finds its certificates' code and random numbers; there is one way here, and it is sound.
  'ssl.keymanager.algorithm': ['sunx509', 'newsunx509', 'pkix', 'ibmx509'],
  'ssl.trustmanager.algorithm': ['pkix', 'sunx509', 'ibmpkix'],
  'ssl.secure.random.implementation': null,
  // A ticket is taken from where the operator keeps it, at each connection.
  'sasl.kerberos.kinit.cmd': null,
  'sasl.kerberos.min.time.before.relogin': null,
  'sasl.kerberos.ticket.renew.jitter': null,
  'sasl.kerberos.ticket.renew.window.factor': null,
  // For brokers: a client only reads what its own token says.
  'sasl.oauthbearer.clock.skew.seconds': null,
  'sasl.oauthbearer.expected.audience': null,
  'sasl.oauthbearer.expected.issuer': null,
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': null,
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': null,
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms': null,
  'sasl.oauthbearer.jwks.endpoint.url': null,
  // AWS's own, which says nothing that sasl.mechanism=AWS_MSK_IAM does not.
  'sasl.client.callback.handler.class': [
    '',
    'software.amazon.msk.auth.iam.iamclientcallbackhandler',
  ],
  'sasl.oauthbearer.jwt.validator.class': [
    'org.apache.kafka.common.security.oauthbearer.defaultjwtvalidator',
    'org.apache.kafka.common.security.oauthbearer.clientjwtvalidator',
  ],
};

/** What Java's clients have and this one refuses, because passing it over would change what is delivered, how safely, or what is seen of it. */
export const refusedKeys = [
  'bootstrap.controllers',
  'group.remote.assignor',
  'interceptor.classes',
  'sasl.login.class',
  'security.providers',
  'ssl.engine.factory.class',
  'ssl.provider',
];

/** Least and greatest value, where that is not 0 and any. */
export const limits: Readonly<Record<string, readonly [least: number, greatest: number]>> = {
  'compression.gzip.level': [-1, 9],
  'compression.zstd.level': [-131_072, 22],
  'max.in.flight.requests.per.connection': [1, Number.POSITIVE_INFINITY],
  'max.poll.interval.ms': [1, Number.POSITIVE_INFINITY],
  'max.poll.records': [1, Number.POSITIVE_INFINITY],
  'metadata.max.idle.ms': [5000, Number.POSITIVE_INFINITY],
  'sasl.login.refresh.buffer.seconds': [0, 3600],
  'sasl.login.refresh.min.period.seconds': [0, 900],
  'sasl.login.refresh.window.factor': [0.5, 1],
  'sasl.login.refresh.window.jitter': [0, 0.25],
  'sasl.oauthbearer.assertion.claim.exp.seconds': [0, 86_400],
  'sasl.oauthbearer.assertion.claim.nbf.seconds': [0, 3600],
};
