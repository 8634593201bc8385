/** Where operators of Kafka's scripts set system properties of the JVM. */
const variables = ['KAFKA_OPTS', 'JDK_JAVA_OPTIONS', 'JAVA_TOOL_OPTIONS'];

/** The value of `-Dname=value` in KAFKA_OPTS and its like, so that what was set for a JVM counts here, too. (no I/O) */
export function systemProperty(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const literal = name.replaceAll('.', '\\.');
  const option = new RegExp(
    `(?:^|\\s)(?:"-D${literal}=([^"]*)"|-D${literal}=(?:"([^"]*)"|(\\S+)))`,
    'g',
  );
  for (const variable of variables) {
    // As for the JVM the last one counts.
    const found = [...(environment[variable] ?? '').matchAll(option)].at(-1);
    const value = found?.[1] ?? found?.[2] ?? found?.[3];
    if (value !== undefined) return value;
  }
  return undefined;
}
