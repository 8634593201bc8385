/** Under these names Kafka Connect's own transformations are configured. */
export const apache = 'org.apache.kafka.connect.transforms';
