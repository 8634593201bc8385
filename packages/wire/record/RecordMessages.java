import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Reads lines of name, kind, version and JSON value, parted by tabs; writes the golden file with the bytes of each. */
public class RecordMessages {
  private static final String ABOUT =
      "Messages with headers as the generated classes of Apache Kafka 4.3.1 (Java 17) write them. value: random, in the form of the classes' "
          + "JSON converters (int64 as number, bytes and records as base64). bytes: hex of header (correlation id 77, client id `client`) and "
          + "body, without the length.";

  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    PrintStream out = new PrintStream(System.out, false, "UTF-8");
    out.print("{\"about\":" + json.writeValueAsString(ABOUT) + ",\n\"cases\":[");
    String separator = "\n";
    for (String line; (line = in.readLine()) != null; separator = ",\n") {
      String[] parts = line.split("\t", 4);
      String bytes = record(parts[0], parts[1].equals("request"), Short.parseShort(parts[2]), json.readTree(parts[3]));
      out.printf("%s{\"api\":\"%s\",\"kind\":\"%s\",\"version\":%s,\"value\":%s,\"bytes\":\"%s\"}",
          separator, parts[0], parts[1], parts[2], parts[3], bytes);
    }
    out.print("\n]}\n");
    out.flush();
  }

  private static String record(String name, boolean isRequest, short version, JsonNode value) throws Exception {
    String type = "org.apache.kafka.common.message." + name + (isRequest ? "Request" : "Response") + "DataJsonConverter";
    Message body = (Message) Class.forName(type).getMethod("read", JsonNode.class, short.class).invoke(null, value, version);
    ApiKeys api = ApiKeys.forId(((ApiMessage) body).apiKey());
    String header = isRequest
        ? hex(new RequestHeaderData().setRequestApiKey(api.id).setRequestApiVersion(version).setCorrelationId(77).setClientId("client"),
            api.requestHeaderVersion(version))
        : hex(new ResponseHeaderData().setCorrelationId(77), api.responseHeaderVersion(version));
    return header + hex(body, version);
  }

  private static String hex(Message message, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
    message.write(new ByteBufferAccessor(bytes), cache, version);
    return HexFormat.of().formatHex(bytes.array());
  }
}
