import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.*;

/**
 * Apache Kafka's own clients against the broker at a bootstrap address: `java -cp KAFKA_JARS Conformance.java ADDRESS CASE...`.
 * For each case one line on standard output, `ok CASE` or `failed CASE: REASON`, with the stack on standard error. Each case has topics and groups of its own.
 */
public class Conformance {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final long DEADLINE_MS = 20_000;

    private interface Case { void run() throws Exception; }

    private final String bootstrap;
    private final Admin admin;

    private Conformance(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    public static void main(String[] args) {
        Conformance suite = new Conformance(args[0]);
        Map<String, Case> cases = suite.cases();
        for (String name : Arrays.copyOfRange(args, 1, args.length)) {
            try {
                Case one = cases.get(name);
                check(one != null, "there is no such case");
                one.run();
                System.out.println("ok " + name);
            } catch (Throwable error) {
                System.out.println("failed " + name + ": " + String.valueOf(error).replace('\n', ' '));
                error.printStackTrace();
            }
        }
        suite.admin.close(Duration.ofSeconds(1));
    }

    private Map<String, Case> cases() {
        Map<String, Case> cases = new LinkedHashMap<>();
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            cases.put("round trip, " + codec, () -> roundTrip(codec));
        }
        cases.put("idempotent producer", this::idempotentProducer);
        cases.put("transactions", this::transactions);
        cases.put("overlapping transactions", this::overlappingTransactions);
        cases.put("aborted over many fetches", this::abortedOverManyFetches);
        cases.put("fenced producer", this::fencing);
        cases.put("consumer group", this::consumerGroup);
        cases.put("committed offsets", this::committedOffsets);
        cases.put("committed offset that is gone", this::committedOffsetThatIsGone);
        cases.put("partitions added", this::partitionsAdded);
        cases.put("paused partition", this::pausedPartition);
        cases.put("broker timestamps", this::brokerTimestamps);
        cases.put("static membership", this::staticMembership);
        cases.put("topics", this::topics);
        cases.put("configs", this::configs);
        cases.put("groups", this::groups);
        cases.put("offsets by timestamp", this::offsetsByTimestamp);
        cases.put("delete records", this::deleteRecords);
        cases.put("compaction", this::compaction);
        cases.put("compacted transactions", this::compactedTransactions);
        return cases;
    }

    private void roundTrip(String codec) throws Exception {
        String topic = createTopic(1, Map.of());
        try (Producer<byte[], byte[]> producer = producer(Map.of("compression.type", codec, "linger.ms", "50"))) {
            for (int i = 0; i < 1000; i++) {
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, 1_700_000_000_000L + i,
                    i % 3 == 0 ? null : bytes("key " + i), i % 5 == 0 ? null : bytes(i % 7 == 0 ? "" : "value ".repeat(20) + i));
                record.headers().add("same", bytes("first " + i)).add("same", null).add("empty", new byte[0]);
                producer.send(record);
            }
            producer.flush();
        }
        List<ConsumerRecord<byte[], byte[]>> found = readAll(topic, "read_uncommitted");
        equal(1000, found.size(), "records");
        for (int i = 0; i < 1000; i++) {
            ConsumerRecord<byte[], byte[]> record = found.get(i);
            equal((long) i, record.offset(), "offset");
            equal(1_700_000_000_000L + i, record.timestamp(), "timestamp");
            equal(i % 3 == 0 ? null : "key " + i, text(record.key()), "key");
            equal(i % 5 == 0 ? null : i % 7 == 0 ? "" : "value ".repeat(20) + i, text(record.value()), "value");
            String headers = Arrays.stream(record.headers().toArray())
                .map((Header one) -> one.key() + "=" + text(one.value())).collect(Collectors.joining(";"));
            equal("same=first " + i + ";same=null;empty=", headers, "headers");
        }
    }

    private void idempotentProducer() throws Exception {
        String topic = createTopic(2, Map.of());
        Map<String, String> small = Map.of("enable.idempotence", "true", "acks", "all", "batch.size", "200",
            "max.in.flight.requests.per.connection", "5");
        try (Producer<byte[], byte[]> producer = producer(small)) {
            for (int i = 0; i < 2000; i++) {
                producer.send(new ProducerRecord<>(topic, i % 2, null, bytes(String.valueOf(i))));
            }
            producer.flush();
        }
        List<ConsumerRecord<byte[], byte[]>> found = readAll(topic, "read_uncommitted");
        for (int partition : List.of(0, 1)) {
            List<String> values = found.stream().filter(one -> one.partition() == partition).map(one -> text(one.value())).toList();
            equal(IntStream.range(0, 1000).mapToObj(i -> String.valueOf(2 * i + partition)).toList(), values, "values in order");
        }
    }

    private void transactions() throws Exception {
        String topic = createTopic(2, Map.of());
        String group = unique("group");
        TopicPartition first = new TopicPartition(topic, 0);
        try (Producer<byte[], byte[]> producer = producer(Map.of("transactional.id", unique("tx")));
             Consumer<byte[], byte[]> member = consumer(Map.of("group.id", group))) {
            producer.initTransactions();
            for (int round = 0; round < 4; round++) {
                boolean isCommitted = round % 2 == 0;
                producer.beginTransaction();
                for (int partition : List.of(0, 1)) {
                    producer.send(new ProducerRecord<>(topic, partition, null, bytes((isCommitted ? "committed " : "aborted ") + round)));
                }
                // An abort drops what has not been sent.
                producer.flush();
                producer.sendOffsetsToTransaction(Map.of(first, new OffsetAndMetadata(10 + round, "round " + round)),
                    member.groupMetadata());
                if (isCommitted) producer.commitTransaction();
                else producer.abortTransaction();
            }
            OffsetAndMetadata offset = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(first);
            equal(new OffsetAndMetadata(12, "round 2"), new OffsetAndMetadata(offset.offset(), offset.metadata()), "offset of the last commit");
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, null, bytes("open"))).get();
            equal(List.of("committed 0", "committed 2"), values(readAll(topic, "read_committed"), 0), "committed records");
            equal(List.of("committed 0", "aborted 1", "committed 2", "aborted 3", "open"),
                values(readAll(topic, "read_uncommitted"), 0), "all records");
            ListOffsetsOptions committed = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
            // Four markers lie between the four records of ended transactions.
            equal(8L, admin.listOffsets(Map.of(first, OffsetSpec.latest()), committed).partitionResult(first).get().offset(), "last stable offset");
            equal(9L, endOffset(first), "end offset");
            producer.abortTransaction();
        }
    }

    /** Of two producers in one partition, the one that aborts takes nothing of the other with it. */
    private void overlappingTransactions() throws Exception {
        String topic = createTopic(1, Map.of());
        try (Producer<byte[], byte[]> one = producer(Map.of("transactional.id", unique("a"))); Producer<byte[], byte[]> two = producer(Map.of("transactional.id", unique("b")))) {
            one.initTransactions();
            two.initTransactions();
            one.beginTransaction();
            two.beginTransaction();
            one.send(new ProducerRecord<>(topic, bytes("aborted 0"))).get();
            two.send(new ProducerRecord<>(topic, bytes("committed 1"))).get();
            one.send(new ProducerRecord<>(topic, bytes("aborted 2"))).get();
            two.send(new ProducerRecord<>(topic, bytes("committed 3"))).get();
            one.abortTransaction();
            one.beginTransaction();
            one.send(new ProducerRecord<>(topic, bytes("committed 4"))).get();
            one.commitTransaction();
            // What has ended lies behind what is open, and is held back with it.
            equal(List.of(), values(readAll(topic, "read_committed"), 0), "committed records before an open transaction's end");
            two.commitTransaction();
            equal(List.of("committed 1", "committed 3", "committed 4"), values(readAll(topic, "read_committed"), 0), "committed records");
        }
    }

    private void abortedOverManyFetches() throws Exception {
        String topic = createTopic(1, Map.of());
        try (Producer<byte[], byte[]> producer = producer(Map.of("transactional.id", unique("tx")))) {
            producer.initTransactions();
            for (int round = 0; round < 6; round++) {
                producer.beginTransaction();
                for (int i = 0; i < 8; i++) producer.send(new ProducerRecord<>(topic, bytes(round + " " + i), bytes("x".repeat(1000)))).get();
                if (round % 2 == 0) producer.abortTransaction();
                else producer.commitTransaction();
            }
        }
        Map<String, String> small = Map.of("isolation.level", "read_committed", "max.partition.fetch.bytes", "2500", "group.id", unique("group"));
        try (Consumer<byte[], byte[]> consumer = consumer(small)) {
            consumer.subscribe(List.of(topic));
            List<String> keys = new ArrayList<>();
            long deadline = System.currentTimeMillis() + DEADLINE_MS;
            while (keys.size() < 24 && System.currentTimeMillis() < deadline) consumer.poll(SHORT).forEach(one -> keys.add(text(one.key())));
            equal(IntStream.range(0, 24).mapToObj(i -> (i / 8 * 2 + 1) + " " + i % 8).toList(), keys, "committed records");
        }
    }

    /** Retention has overtaken the group: it goes on where the log begins now. */
    private void committedOffsetThatIsGone() throws Exception {
        String topic = createTopic(1, Map.of());
        produce(topic, 1, 4);
        TopicPartition partition = new TopicPartition(topic, 0);
        String group = unique("group");
        admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(1))).all().get();
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(3))).all().get();
        Set<String> read = new LinkedHashSet<>();
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of("group.id", group))) {
            consumer.subscribe(List.of(topic));
            pollUntil(() -> !read.isEmpty(), read, consumer);
            equal(Set.of("3"), read, "records left");
        }
    }

    private void partitionsAdded() throws Exception {
        String topic = createTopic(1, Map.of());
        Set<String> read = new HashSet<>();
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of("group.id", unique("group"), "metadata.max.age.ms", "300"))) {
            consumer.subscribe(List.of(topic));
            pollUntil(() -> consumer.assignment().size() == 1, read, consumer);
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get();
            until(() -> describe(topic).partitions().size() == 3);
            produce(topic, 3, 3);
            pollUntil(() -> read.size() == 3, read, consumer);
            equal(3, consumer.assignment().size(), "partitions owned");
        }
    }

    private void pausedPartition() throws Exception {
        String topic = createTopic(2, Map.of());
        TopicPartition zero = new TopicPartition(topic, 0);
        Set<String> read = new LinkedHashSet<>();
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of("group.id", unique("group")))) {
            consumer.subscribe(List.of(topic));
            pollUntil(() -> consumer.assignment().size() == 2, read, consumer);
            consumer.pause(List.of(zero));
            produce(topic, 2, 6);
            pollUntil(() -> read.size() == 3, read, consumer);
            equal(List.of("1", "3", "5"), List.copyOf(read), "records of the other partition");
            consumer.resume(List.of(zero));
            pollUntil(() -> read.size() == 6, read, consumer);
            equal(List.of("1", "3", "5", "0", "2", "4"), List.copyOf(read), "all records");
        }
    }

    private void brokerTimestamps() throws Exception {
        String topic = createTopic(1, Map.of("message.timestamp.type", "LogAppendTime"));
        long begin = System.currentTimeMillis();
        try (Producer<byte[], byte[]> producer = producer(Map.of())) {
            RecordMetadata sent = producer.send(new ProducerRecord<>(topic, 0, 1000L, null, bytes("x"))).get();
            ConsumerRecord<byte[], byte[]> found = readAll(topic, "read_uncommitted").get(0);
            equal(org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME, found.timestampType(), "kind of timestamp");
            check(found.timestamp() >= begin && found.timestamp() == sent.timestamp(), "timestamps " + found.timestamp() + ", " + sent.timestamp());
        }
    }

    private void fencing() throws Exception {
        String topic = createTopic(1, Map.of());
        Map<String, String> config = Map.of("transactional.id", unique("tx"));
        try (Producer<byte[], byte[]> older = producer(config); Producer<byte[], byte[]> newer = producer(config)) {
            older.initTransactions();
            older.beginTransaction();
            older.send(new ProducerRecord<>(topic, bytes("of the older"))).get();
            newer.initTransactions();
            throwsError(ProducerFencedException.class, older::commitTransaction);
            newer.beginTransaction();
            newer.send(new ProducerRecord<>(topic, bytes("of the newer")));
            newer.commitTransaction();
            equal(List.of("of the newer"), values(readAll(topic, "read_committed"), 0), "committed records");
            admin.fenceProducers(List.of(config.get("transactional.id"))).all().get();
            newer.beginTransaction();
            throwsError(InvalidProducerEpochException.class, ProducerFencedException.class, () -> {
                newer.send(new ProducerRecord<>(topic, bytes("of the fenced"))).get();
                newer.commitTransaction();
            });
        }
    }

    private void consumerGroup() throws Exception {
        String topic = createTopic(4, Map.of());
        produce(topic, 4, 40);
        for (String assignor : List.of(RangeAssignor.class.getName(), CooperativeStickyAssignor.class.getName())) {
            String group = unique("group");
            Map<String, String> config = Map.of("group.id", group, "partition.assignment.strategy", assignor, "heartbeat.interval.ms", "100");
            try (Consumer<byte[], byte[]> one = consumer(config)) {
                one.subscribe(List.of(topic));
                Set<String> read = new HashSet<>();
                pollUntil(() -> read.size() == 40, read, one);
                try (Consumer<byte[], byte[]> two = consumer(config)) {
                    two.subscribe(List.of(topic));
                    pollUntil(() -> one.assignment().size() == 2 && two.assignment().size() == 2, read, one, two);
                    Set<TopicPartition> owned = new HashSet<>(one.assignment());
                    owned.addAll(two.assignment());
                    equal(4, owned.size(), "partitions owned by one member each");
                    ConsumerGroupDescription description = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
                    equal(GroupState.STABLE, description.groupState(), "state");
                    equal(2, description.members().size(), "members");
                }
                pollUntil(() -> one.assignment().size() == 4, read, one);
            }
        }
    }

    private void committedOffsets() throws Exception {
        String topic = createTopic(1, Map.of());
        produce(topic, 1, 10);
        TopicPartition partition = new TopicPartition(topic, 0);
        Map<String, String> config = Map.of("group.id", unique("group"), "max.poll.records", "3");
        Set<String> read = new LinkedHashSet<>();
        try (Consumer<byte[], byte[]> consumer = consumer(config)) {
            consumer.subscribe(List.of(topic));
            pollUntil(() -> !read.isEmpty(), read, consumer);
            equal(List.of("0", "1", "2"), List.copyOf(read), "first records");
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(3, Optional.of(0), "with metadata")));
            equal("with metadata", consumer.committed(Set.of(partition)).get(partition).metadata(), "metadata");
            throwsError(OffsetMetadataTooLarge.class,
                () -> consumer.commitSync(Map.of(partition, new OffsetAndMetadata(3, "x".repeat(5000)))));
        }
        read.clear();
        try (Consumer<byte[], byte[]> consumer = consumer(config)) {
            consumer.subscribe(List.of(topic));
            pollUntil(() -> !read.isEmpty(), read, consumer);
            equal(List.of("3", "4", "5"), List.copyOf(read), "records behind the committed offset");
        }
    }

    /** A static member that comes back within its session has its partitions again, and the other member sees no rebalance. */
    private void staticMembership() throws Exception {
        String topic = createTopic(2, Map.of());
        String group = unique("group");
        Map<String, String> base = Map.of("group.id", group, "heartbeat.interval.ms", "100", "session.timeout.ms", "30000");
        Map<String, String> first = with(base, "group.instance.id", "first");
        Set<String> read = new HashSet<>();
        int[] rebalances = {0};
        try (Consumer<byte[], byte[]> two = consumer(with(base, "group.instance.id", "second"))) {
            two.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) { rebalances[0]++; }
            });
            Set<TopicPartition> owned;
            try (Consumer<byte[], byte[]> one = consumer(first)) {
                one.subscribe(List.of(topic));
                pollUntil(() -> one.assignment().size() == 1 && two.assignment().size() == 1, read, one, two);
                owned = one.assignment();
            }
            int before = rebalances[0];
            try (Consumer<byte[], byte[]> again = consumer(first)) {
                again.subscribe(List.of(topic));
                pollUntil(() -> again.assignment().size() == 1, read, again, two);
                equal(owned, again.assignment(), "partitions of the member that came back");
                try (Consumer<byte[], byte[]> usurper = consumer(first)) {
                    usurper.subscribe(List.of(topic));
                    pollUntil(() -> usurper.assignment().size() == 1, read, usurper, two);
                    throwsError(FencedInstanceIdException.class, () -> pollUntil(() -> false, read, again));
                }
            }
            equal(before, rebalances[0], "rebalances of the other member");
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("first")))).all().get();
            pollUntil(() -> two.assignment().size() == 2, read, two);
        }
    }

    private void topics() throws Exception {
        String topic = createTopic(2, Map.of("retention.ms", "1000000"));
        throwsError(TopicExistsException.class, () -> admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get());
        throwsError(InvalidTopicException.class, () -> admin.createTopics(List.of(new NewTopic("not a name", 1, (short) 1))).all().get());
        throwsError(InvalidReplicationFactorException.class, () -> admin.createTopics(List.of(new NewTopic(unique("t"), 1, (short) 3))).all().get());
        throwsError(InvalidPartitionsException.class, () -> admin.createTopics(List.of(new NewTopic(unique("t"), 0, (short) 1))).all().get());
        throwsError(InvalidConfigurationException.class,
            () -> admin.createTopics(List.of(new NewTopic(unique("t"), 1, (short) 1).configs(Map.of("no.such.key", "1")))).all().get());
        String dry = unique("topic");
        CreateTopicsResult checked = admin.createTopics(List.of(new NewTopic(dry, Optional.of(3), Optional.empty())), new CreateTopicsOptions().validateOnly(true));
        equal(3, checked.numPartitions(dry).get(), "partitions of a topic that is only validated");
        check(!admin.listTopics().names().get().contains(dry), "a validated topic was made");
        TopicDescription description = describe(topic);
        equal(2, description.partitions().size(), "partitions");
        equal(1, description.partitions().get(1).replicas().size(), "replicas");
        equal(description.topicId(), admin.describeTopics(TopicCollection.ofTopicIds(List.of(description.topicId()))).allTopicIds().get().keySet().iterator().next(), "topic id");
        throwsError(InvalidPartitionsException.class, () -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all().get());
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
        until(() -> describe(topic).partitions().size() == 5);
        produce(topic, 5, 5);
        admin.deleteTopics(List.of(topic)).all().get();
        until(() -> !names().contains(topic));
        throwsError(UnknownTopicOrPartitionException.class, () -> admin.describeTopics(List.of(topic)).allTopicNames().get());
        throwsError(UnknownTopicOrPartitionException.class, () -> admin.deleteTopics(List.of(topic)).all().get());
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        until(() -> names().contains(topic));
        check(!describe(topic).topicId().equals(description.topicId()), "a new topic has the id of a deleted one");
        equal(0L, endOffset(new TopicPartition(topic, 0)), "end offset of the new topic");
        admin.describeCluster().nodes().get().forEach(node -> check(node.port() > 0, "a node has no port"));
    }

    private void configs() throws Exception {
        String topic = createTopic(1, Map.of("cleanup.policy", "compact", "retention.ms", "1234567"));
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        equal("1234567", entry(resource, "retention.ms").value(), "value");
        equal(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, entry(resource, "retention.ms").source(), "source");
        equal(ConfigEntry.ConfigType.LONG, entry(resource, "retention.ms").type(), "type");
        equal(true, entry(resource, "max.message.bytes").isDefault(), "a default");
        alter(resource, "retention.ms", "42000", AlterConfigOp.OpType.SET);
        alter(resource, "cleanup.policy", "delete", AlterConfigOp.OpType.APPEND);
        until(() -> entry(resource, "cleanup.policy").value().equals("compact,delete") && entry(resource, "retention.ms").value().equals("42000"));
        alter(resource, "cleanup.policy", "compact", AlterConfigOp.OpType.SUBTRACT);
        alter(resource, "retention.ms", "", AlterConfigOp.OpType.DELETE);
        until(() -> entry(resource, "cleanup.policy").value().equals("delete") && entry(resource, "retention.ms").isDefault());
        equal("604800000", entry(resource, "retention.ms").value(), "default");
        throwsError(InvalidConfigurationException.class, () -> alter(resource, "retention.ms", "soon", AlterConfigOp.OpType.SET));
        throwsError(InvalidConfigurationException.class, () -> alter(resource, "no.such.key", "1", AlterConfigOp.OpType.SET));
        throwsError(InvalidConfigurationException.class, () -> alter(resource, "retention.ms", "1", AlterConfigOp.OpType.APPEND));
        ConfigResource missing = new ConfigResource(ConfigResource.Type.TOPIC, unique("missing"));
        throwsError(UnknownTopicOrPartitionException.class, () -> admin.describeConfigs(List.of(missing)).all().get());
        throwsError(UnknownTopicOrPartitionException.class, () -> alter(missing, "retention.ms", "1", AlterConfigOp.OpType.SET));
        int nodeId = admin.describeCluster().nodes().get().iterator().next().id();
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(nodeId));
        check(Long.parseLong(entry(broker, "message.max.bytes").value()) > 0, "the broker's message.max.bytes");
    }

    private void groups() throws Exception {
        String topic = createTopic(2, Map.of());
        TopicPartition zero = new TopicPartition(topic, 0);
        TopicPartition one = new TopicPartition(topic, 1);
        String group = unique("group");
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of("group.id", group, "heartbeat.interval.ms", "100"))) {
            consumer.subscribe(List.of(topic));
            pollUntil(() -> consumer.assignment().size() == 2, new HashSet<>(), consumer);
            consumer.commitSync(Map.of(zero, new OffsetAndMetadata(5), one, new OffsetAndMetadata(6)));
            GroupListing listing = admin.listGroups().all().get().stream().filter(found -> found.groupId().equals(group)).findFirst().orElseThrow();
            equal("consumer", listing.protocol(), "protocol type");
            MemberDescription member = admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().iterator().next();
            equal(Set.of(zero, one), member.assignment().topicPartitions(), "assignment");
            throwsError(GroupNotEmptyException.class, () -> admin.deleteConsumerGroups(List.of(group)).all().get());
            throwsError(GroupSubscribedToTopicException.class, () -> admin.deleteConsumerGroupOffsets(group, Set.of(zero)).partitionResult(zero).get());
            throwsError(UnknownMemberIdException.class, () -> admin.alterConsumerGroupOffsets(group, Map.of(zero, new OffsetAndMetadata(1))).all().get());
        }
        until(() -> admin.describeConsumerGroups(List.of(group)).all().get().get(group).groupState() == GroupState.EMPTY);
        admin.alterConsumerGroupOffsets(group, Map.of(zero, new OffsetAndMetadata(1, "moved"))).all().get();
        Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        equal(List.of(1L, 6L), List.of(offsets.get(zero).offset(), offsets.get(one).offset()), "offsets");
        admin.deleteConsumerGroupOffsets(group, Set.of(one)).all().get();
        equal(Set.of(zero), admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().keySet(), "offsets left");
        admin.deleteConsumerGroups(List.of(group)).all().get();
        throwsError(GroupIdNotFoundException.class, () -> admin.describeConsumerGroups(List.of(group)).all().get());
        throwsError(GroupIdNotFoundException.class, () -> admin.deleteConsumerGroups(List.of(group)).all().get());
    }

    private void offsetsByTimestamp() throws Exception {
        String topic = createTopic(1, Map.of());
        TopicPartition partition = new TopicPartition(topic, 0);
        try (Producer<byte[], byte[]> producer = producer(Map.of("linger.ms", "50"))) {
            for (long timestamp : List.of(1000L, 2000L, 9000L, 3000L, 4000L)) {
                producer.send(new ProducerRecord<>(topic, 0, timestamp, null, bytes("x")));
            }
        }
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of())) {
            for (long[] pair : new long[][] {{0, 0}, {1000, 0}, {1001, 1}, {2500, 2}, {9000, 2}}) {
                OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, pair[0])).get(partition);
                equal(pair[1], found.offset(), "offset at or after " + pair[0]);
            }
            equal(null, consumer.offsetsForTimes(Map.of(partition, 9001L)).get(partition), "offset behind the newest");
        }
        ListOffsetsResult.ListOffsetsResultInfo newest = admin.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp())).partitionResult(partition).get();
        equal(List.of(2L, 9000L), List.of(newest.offset(), newest.timestamp()), "record of the greatest timestamp");
        equal(5L, endOffset(partition), "end offset");
        equal(0L, admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition).get().offset(), "start offset");
        String empty = createTopic(1, Map.of());
        TopicPartition none = new TopicPartition(empty, 0);
        equal(-1L, admin.listOffsets(Map.of(none, OffsetSpec.maxTimestamp())).partitionResult(none).get().offset(), "greatest timestamp of an empty log");
    }

    private void deleteRecords() throws Exception {
        String topic = createTopic(1, Map.of());
        TopicPartition partition = new TopicPartition(topic, 0);
        produce(topic, 1, 10);
        equal(4L, admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4))).lowWatermarks().get(partition).get().lowWatermark(), "low watermark");
        equal(List.of("4", "5", "6", "7", "8", "9"), values(readAll(topic, "read_uncommitted"), 0), "records left");
        throwsError(org.apache.kafka.common.errors.OffsetOutOfRangeException.class,
            () -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(11))).all().get());
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of("auto.offset.reset", "none"))) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 2);
            throwsError(org.apache.kafka.clients.consumer.OffsetOutOfRangeException.class, () -> pollUntil(() -> false, new HashSet<>(), consumer));
        }
        equal(10L, admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).lowWatermarks().get(partition).get().lowWatermark(), "low watermark at the end");
        equal(List.of(), values(readAll(topic, "read_uncommitted"), 0), "records left");
    }

    private void compaction() throws Exception {
        String topic = createTopic(1, Map.of("cleanup.policy", "compact", "segment.ms", "50", "min.cleanable.dirty.ratio", "0", "delete.retention.ms", "0"));
        try (Producer<byte[], byte[]> producer = producer(Map.of("enable.idempotence", "false", "linger.ms", "20", "compression.type", "lz4"))) {
            // Batches of some records, of which some are needed and some are not.
            for (int i = 0; i < 12; i++) {
                producer.send(new ProducerRecord<>(topic, 0, bytes("key " + i % 3), bytes(String.valueOf(i))));
                if (i % 5 == 0) producer.flush();
            }
            producer.send(new ProducerRecord<>(topic, 0, bytes("key 0"), null)).get();
            // Segments are rolled by an append.
            long deadline = System.currentTimeMillis() + DEADLINE_MS;
            List<String> found = List.of();
            while (System.currentTimeMillis() < deadline) {
                Thread.sleep(100);
                producer.send(new ProducerRecord<>(topic, 0, bytes("last"), bytes("end"))).get();
                found = readAll(topic, "read_uncommitted").stream().map(one -> text(one.key()) + "@" + one.offset() + "=" + text(one.value()))
                    .filter(one -> !one.startsWith("last")).toList();
                if (found.equals(List.of("key 1@10=10", "key 2@11=11"))) return;
            }
            throw new AssertionError("the log still holds " + found);
        }
    }

    private void compactedTransactions() throws Exception {
        String topic = createTopic(1, Map.of("cleanup.policy", "compact", "segment.ms", "50", "min.cleanable.dirty.ratio", "0", "delete.retention.ms", "0"));
        try (Producer<byte[], byte[]> producer = producer(Map.of("transactional.id", unique("tx")));
             Producer<byte[], byte[]> other = producer(Map.of("enable.idempotence", "false"))) {
            producer.initTransactions();
            for (int round = 0; round < 6; round++) {
                boolean isCommitted = round % 2 == 0;
                producer.beginTransaction();
                for (String key : List.of("a", "b", "only " + round)) {
                    producer.send(new ProducerRecord<>(topic, 0, bytes(key), bytes((isCommitted ? "committed " : "aborted ") + round)));
                }
                producer.flush();
                if (isCommitted) producer.commitTransaction();
                else producer.abortTransaction();
            }
            List<String> expected = List.of("only 0=committed 0", "only 2=committed 2", "a=committed 4", "b=committed 4", "only 4=committed 4");
            long deadline = System.currentTimeMillis() + DEADLINE_MS;
            for (List<String> found = List.of(); !found.equals(expected);) {
                check(System.currentTimeMillis() < deadline, "the log still holds " + found);
                Thread.sleep(100);
                other.send(new ProducerRecord<>(topic, 0, bytes("last"), bytes("end"))).get();
                // Whatever is cleaned already, a reader of committed records sees the newest ones and none that was aborted.
                List<String> committed = keyed(readAll(topic, "read_committed"));
                check(committed.containsAll(expected) && committed.stream().noneMatch(one -> one.contains("aborted")), "committed records: " + committed);
                found = keyed(readAll(topic, "read_uncommitted"));
            }
            // The producer goes on behind what was cleaned.
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, 0, bytes("a"), bytes("committed 6")));
            producer.commitTransaction();
            check(keyed(readAll(topic, "read_committed")).contains("a=committed 6"), "the record behind the cleaned ones is missing");
        }
    }

    // Tools of the cases.

    private static List<String> keyed(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(one -> text(one.key()) + "=" + text(one.value())).filter(one -> !one.startsWith("last")).toList();
    }

    private String createTopic(int partitions, Map<String, String> configs) throws Exception {
        String topic = unique("topic");
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs))).all().get();
        until(() -> names().contains(topic));
        return topic;
    }

    private void produce(String topic, int partitions, int count) {
        try (Producer<byte[], byte[]> producer = producer(Map.of())) {
            for (int i = 0; i < count; i++) producer.send(new ProducerRecord<>(topic, i % partitions, null, bytes(String.valueOf(i))));
        }
    }

    /** From the start of every partition to the end, or to the last stable offset. */
    private List<ConsumerRecord<byte[], byte[]>> readAll(String topic, String isolation) throws Exception {
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of("isolation.level", isolation))) {
            List<TopicPartition> partitions = describe(topic).partitions().stream().map(one -> new TopicPartition(topic, one.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            long deadline = System.currentTimeMillis() + DEADLINE_MS;
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
                check(System.currentTimeMillis() < deadline, "read only " + records.size() + " records in " + DEADLINE_MS + " ms");
                consumer.poll(SHORT).forEach(records::add);
            }
            return records;
        }
    }

    @SafeVarargs
    private void pollUntil(BooleanSupplier isDone, Set<String> read, Consumer<byte[], byte[]>... consumers) {
        long deadline = System.currentTimeMillis() + DEADLINE_MS;
        while (!isDone.getAsBoolean()) {
            check(System.currentTimeMillis() < deadline, "waited " + DEADLINE_MS + " ms in vain");
            for (Consumer<byte[], byte[]> consumer : consumers) consumer.poll(Duration.ofMillis(20)).forEach(one -> read.add(text(one.value())));
        }
    }

    private interface Condition { boolean isTrue() throws Exception; }

    private void until(Condition condition) throws Exception {
        long deadline = System.currentTimeMillis() + DEADLINE_MS;
        while (true) {
            try {
                if (condition.isTrue()) return;
            } catch (ExecutionException error) {
                // A topic that was just made may not be known yet.
                if (!(error.getCause() instanceof UnknownTopicOrPartitionException)) throw error;
            }
            check(System.currentTimeMillis() < deadline, "waited " + DEADLINE_MS + " ms in vain");
            Thread.sleep(20);
        }
    }

    private Producer<byte[], byte[]> producer(Map<String, String> config) {
        return new KafkaProducer<>(with(with(config, "bootstrap.servers", bootstrap)), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Consumer<byte[], byte[]> consumer(Map<String, String> config) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest", "enable.auto.commit", "false", "fetch.max.wait.ms", "50"));
        all.putAll(config);
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private TopicDescription describe(String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
    }

    private Set<String> names() throws Exception {
        return admin.listTopics().names().get();
    }

    private long endOffset(TopicPartition partition) throws Exception {
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition).get().offset();
    }

    private ConfigEntry entry(ConfigResource resource, String name) throws Exception {
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name);
    }

    private void alter(ConfigResource resource, String name, String value, AlterConfigOp.OpType operation) throws Exception {
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(name, value), operation)))).all().get();
    }

    private static Map<String, String> with(Map<String, String> config, String key, String value) {
        Map<String, String> all = new HashMap<>(config);
        all.put(key, value);
        return all;
    }

    private static Map<String, Object> with(Map<String, String> config) {
        return new HashMap<>(config);
    }

    private static List<String> values(List<ConsumerRecord<byte[], byte[]>> records, int partition) {
        return records.stream().filter(one -> one.partition() == partition).map(one -> text(one.value())).toList();
    }

    private static String unique(String prefix) {
        return prefix + "-" + UUID.randomUUID();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static void check(boolean isTrue, String problem) {
        if (!isTrue) throw new AssertionError(problem);
    }

    private static void equal(Object expected, Object found, String what) {
        check(Objects.equals(expected, found), what + ": expected " + expected + ", found " + found);
    }

    private static void throwsError(Class<? extends Throwable> expected, Case run) {
        throwsError(expected, expected, run);
    }

    private static void throwsError(Class<? extends Throwable> expected, Class<? extends Throwable> orElse, Case run) {
        Throwable found = null;
        try {
            run.run();
        } catch (Throwable error) {
            found = error instanceof ExecutionException ? error.getCause() : error;
        }
        String wanted = expected.getSimpleName();
        check(expected.isInstance(found) || orElse.isInstance(found), "expected " + wanted + ", found " + found);
    }
}
