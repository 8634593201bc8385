import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.*;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.internals.*;
import org.apache.kafka.common.internals.ClusterResourceListeners;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Timer;

/**
 * A member of a group whose metadata and assignments are any bytes: `java -cp KAFKA_JARS RawMember.java ADDRESS GROUP PROTOCOL_TYPE NAME=HEX...`, with the protocols that it
 * offers and its metadata for each. It leaves when its standard input ends. As leader it gives every member that member's metadata backwards. Lines of standard output:
 * `{"event": "led", "protocol", "members": [HEX...]}` with everybody's metadata, and `{"event": "joined", "protocol", "generation", "assignment": HEX}`.
 */
public class RawMember extends AbstractCoordinator {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();

    private final String type;
    private final Map<String, byte[]> protocols;

    private RawMember(GroupRebalanceConfig config, ConsumerNetworkClient client, String type, Map<String, byte[]> protocols) {
        super(config, new LogContext(), client, new Metrics(), "raw", Time.SYSTEM);
        this.type = type;
        this.protocols = protocols;
    }

    public static void main(String[] args) throws Exception {
        Map<String, byte[]> protocols = new LinkedHashMap<>();
        for (String protocol : Arrays.copyOfRange(args, 3, args.length)) {
            protocols.put(protocol.substring(0, protocol.indexOf('=')), HEX.parseHex(protocol.substring(protocol.indexOf('=') + 1)));
        }
        ConsumerNetworkClient client = clientTo(args[0]);
        GroupRebalanceConfig config = new GroupRebalanceConfig(10_000, 60_000, 100, args[1], Optional.empty(), null, 100, 1_000);
        RawMember member = new RawMember(config, client, args[2], protocols);
        AtomicBoolean isEnding = new AtomicBoolean();
        Thread waiting = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (java.io.IOException error) {
                error.printStackTrace();
            }
            isEnding.set(true);
        });
        waiting.setDaemon(true);
        waiting.start();
        while (!isEnding.get()) {
            if (member.coordinatorUnknown()) member.ensureCoordinatorReady(Time.SYSTEM.timer(60_000));
            if (member.rejoinNeededOrPending()) member.ensureActiveGroup();
            member.pollHeartbeat(Time.SYSTEM.milliseconds());
            client.poll(Time.SYSTEM.timer(50));
        }
        member.close();
        client.close();
    }

    private static ConsumerNetworkClient clientTo(String address) {
        ConsumerConfig config = new ConsumerConfig(Map.of("bootstrap.servers", address,
            "key.deserializer", ByteArrayDeserializer.class, "value.deserializer", ByteArrayDeserializer.class));
        LogContext log = new LogContext();
        Metadata metadata = new Metadata(100, 1_000, 300_000, log, new ClusterResourceListeners());
        metadata.bootstrap(ClientUtils.parseAndValidateAddresses(List.of(address), ClientDnsLookup.USE_ALL_DNS_IPS));
        KafkaClient network = ClientUtils.createNetworkClient(config, new Metrics(), "raw", log, new ApiVersions(), Time.SYSTEM, 100, metadata, null, null);
        return new ConsumerNetworkClient(log, network, metadata, Time.SYSTEM, 100, 30_000, Integer.MAX_VALUE);
    }

    @Override
    protected String protocolType() {
        return type;
    }

    @Override
    protected JoinGroupRequestProtocolCollection metadata() {
        JoinGroupRequestProtocolCollection offered = new JoinGroupRequestProtocolCollection();
        protocols.forEach((name, metadata) -> offered.add(new JoinGroupRequestProtocol().setName(name).setMetadata(metadata)));
        return offered;
    }

    @Override
    protected boolean onJoinPrepare(Timer timer, int generation, String memberId) {
        return true;
    }

    @Override
    protected Map<String, ByteBuffer> onLeaderElected(String leaderId, String protocol, List<JoinGroupResponseMember> members, boolean skipAssignment) {
        Map<String, ByteBuffer> assignments = new HashMap<>();
        ObjectNode told = MAPPER.createObjectNode().put("event", "led").put("protocol", protocol);
        for (JoinGroupResponseMember member : members) {
            told.withArray("/members").add(HEX.formatHex(member.metadata()));
            byte[] backwards = new byte[member.metadata().length];
            for (int i = 0; i < backwards.length; i++) backwards[i] = member.metadata()[backwards.length - 1 - i];
            assignments.put(member.memberId(), ByteBuffer.wrap(backwards));
        }
        tell(told);
        return assignments;
    }

    @Override
    protected void onJoinComplete(int generation, String memberId, String protocol, ByteBuffer assignment) {
        byte[] bytes = new byte[assignment.remaining()];
        assignment.get(bytes);
        tell(MAPPER.createObjectNode().put("event", "joined").put("protocol", protocol).put("generation", generation).put("assignment", HEX.formatHex(bytes)));
    }

    private static void tell(ObjectNode told) {
        System.out.println(told);
        System.out.flush();
    }
}
