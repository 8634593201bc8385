import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;

/**
 * Runs the operations of the data benchmark with Kafka Connect's own classes. Argument: a folder with `schema.jsonl` and `plain.jsonl`, the same records with and
 * without envelope, and `rows.tsv`: name, operation, `schema` or `plain`, then one column `class|key=value|...` per transformation.
 * Commands come line by line: `check NAME FILE` writes the result for every record into FILE, `run NAME MILLIS` answers with operations per second.
 */
public class DataBench {
    static final Map<String, Function<Integer, Object>> rows = new HashMap<>();
    static final Map<String, Function<Object, String>> texts = new HashMap<>();
    static int count;
    static long blackHole;

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        for (String line : Files.readAllLines(folder.resolve("rows.tsv"))) prepare(folder, line.split("\t"));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null; ) {
            String[] words = line.split(" ");
            Function<Integer, Object> row = rows.get(words[1]);
            if (words[0].equals("check")) {
                List<String> results = new ArrayList<>();
                for (int i = 0; i < count; i++) results.add(texts.get(words[1]).apply(row.apply(i)));
                Files.write(Path.of(words[2]), results);
                System.out.println("checked");
            } else {
                System.out.println(run(row, Long.parseLong(words[2]) * 1_000_000));
            }
        }
        if (blackHole == 42) System.err.println();
    }

    static double run(Function<Integer, Object> row, long nanos) {
        long start = System.nanoTime();
        long done = 0;
        long elapsed;
        do {
            for (int i = 0; i < count; i++) blackHole += System.identityHashCode(row.apply(i)) & 1;
            done += count;
            elapsed = System.nanoTime() - start;
        } while (elapsed < nanos);
        return done * 1e9 / elapsed;
    }

    static void prepare(Path folder, String[] columns) throws Exception {
        boolean hasSchema = columns[2].equals("schema");
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", String.valueOf(hasSchema)), false);
        List<byte[]> messages = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(columns[2] + ".jsonl"))) {
            messages.add(line.getBytes(StandardCharsets.UTF_8));
        }
        count = messages.size();
        Schema[] schema = new Schema[1];
        List<SourceRecord> records = new ArrayList<>();
        for (byte[] message : messages) {
            SchemaAndValue read = converter.toConnectData("t", message);
            if (schema[0] == null) schema[0] = read.schema();
            records.add(new SourceRecord(Map.of("file", "a"), Map.of("position", 7L), "orders", 0,
                Schema.STRING_SCHEMA, "key", schema[0], read.value(), 1700000000000L));
        }
        Function<Integer, Object> row;
        Function<Object, String> text;
        switch (columns[1]) {
            case "encode":
                row = i -> converter.fromConnectData("t", schema[0], records.get(i).value());
                text = result -> textOf((byte[]) result);
                break;
            case "decode":
                row = i -> converter.toConnectData("t", messages.get(i));
                text = result -> write(converter, ((SchemaAndValue) result).schema(), ((SchemaAndValue) result).value());
                break;
            default:
                List<Transformation<SourceRecord>> chain = chainOf(columns);
                row = i -> {
                    SourceRecord record = records.get(i);
                    for (Transformation<SourceRecord> each : chain) record = each.apply(record);
                    return record;
                };
                text = result -> {
                    SourceRecord record = (SourceRecord) result;
                    return record.topic() + "\t" + write(converter, record.keySchema(), record.key())
                        + "\t" + write(converter, record.valueSchema(), record.value());
                };
        }
        rows.put(columns[0], row);
        texts.put(columns[0], text);
    }

    @SuppressWarnings("unchecked")
    static List<Transformation<SourceRecord>> chainOf(String[] columns) throws Exception {
        List<Transformation<SourceRecord>> chain = new ArrayList<>();
        for (int i = 3; i < columns.length; i++) {
            String[] parts = columns[i].split("\\|");
            Map<String, String> config = new HashMap<>();
            for (int j = 1; j < parts.length; j++) {
                String[] entry = parts[j].split("=", 2);
                config.put(entry[0], entry[1]);
            }
            Transformation<SourceRecord> each =
                (Transformation<SourceRecord>) Class.forName(parts[0]).getDeclaredConstructor().newInstance();
            each.configure(config);
            chain.add(each);
        }
        return chain;
    }

    static String write(JsonConverter converter, Schema schema, Object value) {
        return textOf(converter.fromConnectData("t", schema, value));
    }

    static String textOf(byte[] bytes) {
        return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
    }
}
