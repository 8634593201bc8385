import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.*;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.*;

/**
 * What Apache Kafka's assignors answer: `java -cp KAFKA_JARS Assignors.java`. Each line of standard input is a JSON array of rounds
 * `{assignor, partitions: {TOPIC: COUNT}, members: [{id, instanceId, metadata}]}` with the members' metadata as they would send it, in hex. Its answer is a line with a JSON array of
 * `{MEMBER: {metadata, assignment}}`: the metadata as Java writes what it read, and the assignment as a leader would send it.
 * Null where the assignor fails: the sticky ones do when members claim what they held in different generations and topics have lost partitions.
 */
public class Assignors {
    private static final HexFormat HEX = HexFormat.of();
    private static final Node NODE = new Node(1, "127.0.0.1", 9092);

    public static void main(String[] args) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            ArrayNode answers = mapper.createArrayNode();
            for (JsonNode round : mapper.readTree(line)) {
                try {
                    answers.add(answer(mapper.createObjectNode(), round));
                } catch (IllegalStateException error) {
                    answers.addNull();
                }
            }
            System.out.println(mapper.writeValueAsString(answers));
        }
    }

    private static ObjectNode answer(ObjectNode answer, JsonNode round) {
        // The order of a leader's list of members, which is the broker's.
        Map<String, Subscription> subscriptions = new LinkedHashMap<>();
        for (JsonNode member : round.get("members")) {
            Subscription subscription = ConsumerProtocol.deserializeSubscription(bytes(member.get("metadata").asText()));
            answer.putObject(member.get("id").asText()).put("metadata", hex(ConsumerProtocol.serializeSubscription(subscription)));
            if (!member.get("instanceId").isNull()) subscription.setGroupInstanceId(Optional.of(member.get("instanceId").asText()));
            subscriptions.put(member.get("id").asText(), subscription);
        }
        Map<String, Assignment> assignment = assignorOf(round.get("assignor").asText())
            .assign(clusterOf(round.get("partitions")), new GroupSubscription(subscriptions)).groupAssignment();
        assignment.forEach((id, own) -> ((ObjectNode) answer.get(id)).put("assignment", hex(ConsumerProtocol.serializeAssignment(own))));
        return answer;
    }

    private static ConsumerPartitionAssignor assignorOf(String name) {
        return switch (name) {
            case "range" -> new RangeAssignor();
            case "roundrobin" -> new RoundRobinAssignor();
            case "sticky" -> new StickyAssignor();
            case "cooperative-sticky" -> new CooperativeStickyAssignor();
            default -> throw new IllegalArgumentException("no assignor \"" + name + "\"");
        };
    }

    private static Cluster clusterOf(JsonNode counts) {
        List<PartitionInfo> partitions = new ArrayList<>();
        counts.fields().forEachRemaining(topic -> {
            for (int partition = 0; partition < topic.getValue().asInt(); partition++) {
                partitions.add(new PartitionInfo(topic.getKey(), partition, NODE, new Node[] {NODE}, new Node[] {NODE}));
            }
        });
        return new Cluster("cluster", List.of(NODE), partitions, Set.of(), Set.of());
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HEX.parseHex(hex));
    }

    private static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return HEX.formatHex(bytes);
    }
}
