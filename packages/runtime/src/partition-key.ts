/** Key of a topic partition in maps. (no I/O) Topic names hold no colon. */
export function keyOf(partition: { readonly topic: string; readonly partition: number }): string {
  return `${partition.topic}:${partition.partition}`;
}
