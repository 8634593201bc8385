import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Consumers that are told what to do: `java -cp KAFKA_JARS ConsumerMembers.java`. Lines of standard input: `{"do": "join", "name", "topic", "config": {...}}` and
 * `{"do": "close", "name"}`. Each consumer polls in a thread of its own and tells what happens to it in lines of standard output:
 * `{"name", "event": "assigned" | "revoked" | "lost", "partitions": [NUMBER...], "at": EPOCH_MS}`, `{"name", "event": "records", "values": [TEXT...]}`,
 * `{"name", "event": "closed"}` and `{"name", "event": "failed", "reason"}`. Records are told of before their offsets are committed, which is done when partitions are given back.
 */
public class ConsumerMembers {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Map<String, Member> MEMBERS = new ConcurrentHashMap<>();

    public static void main(String[] args) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            JsonNode command = MAPPER.readTree(line);
            String name = command.get("name").asText();
            switch (command.get("do").asText()) {
                case "join" -> {
                    Map<String, Object> config = new HashMap<>();
                    command.get("config").fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
                    Member member = new Member(name, command.get("topic").asText(), config);
                    MEMBERS.put(name, member);
                    member.start();
                }
                case "close" -> MEMBERS.remove(name).end();
                default -> throw new IllegalArgumentException("no command: " + line);
            }
        }
        // Whoever gave the commands is gone.
        Runtime.getRuntime().halt(0);
    }

    private static class Member extends Thread implements ConsumerRebalanceListener {
        private final String topic;
        private final Map<String, Object> config;
        private volatile boolean isEnding = false;
        private Consumer<String, String> consumer;

        Member(String name, String topic, Map<String, Object> config) {
            super(name);
            setDaemon(true);
            this.topic = topic;
            this.config = config;
        }

        void end() {
            isEnding = true;
        }

        @Override
        public void run() {
            try {
                consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
                consumer.subscribe(List.of(topic), this);
                while (!isEnding) {
                    List<String> values = new ArrayList<>();
                    consumer.poll(Duration.ofMillis(50)).forEach(record -> values.add(record.value()));
                    if (!values.isEmpty()) tell("records", event -> values.forEach(event.putArray("values")::add));
                }
                consumer.close();
                tell("closed", event -> { });
            } catch (Throwable error) {
                tell("failed", event -> event.put("reason", String.valueOf(error)));
                error.printStackTrace();
            }
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            tellPartitions("assigned", partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
            for (TopicPartition partition : partitions) positions.put(partition, new OffsetAndMetadata(consumer.position(partition)));
            consumer.commitSync(positions);
            tellPartitions("revoked", partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            tellPartitions("lost", partitions);
        }

        private void tellPartitions(String event, Collection<TopicPartition> partitions) {
            tell(event, told -> {
                ArrayNode numbers = told.putArray("partitions");
                partitions.forEach(one -> numbers.add(one.partition()));
            });
        }

        private void tell(String event, java.util.function.Consumer<ObjectNode> fill) {
            ObjectNode told = MAPPER.createObjectNode().put("name", getName()).put("event", event).put("at", System.currentTimeMillis());
            fill.accept(told);
            synchronized (System.out) {
                System.out.println(told);
                System.out.flush();
            }
        }
    }
}
