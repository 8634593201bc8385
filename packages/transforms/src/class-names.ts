/** Under these names Kafka Connect's own transformations are configured. */
export const apache = 'org.apache.kafka.connect.transforms';
export const aiven = 'io.aiven.kafka.connect.transforms';
export const confluent = 'io.confluent.connect.transforms';
export const debezium = 'io.debezium.transforms';
