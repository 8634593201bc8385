import { ConfigError, compileJavaPattern } from '@tributary/sdk';
import { javaSplit } from '../../java-split.ts';

/** What `include.list` or `exclude.list` says of one table or topic: columns, or all of it where there are none. */
export type Columns = ReadonlySet<string>;

/** Null when the list has nothing on the table or the topic. */
export type FindColumns = (topic: string, table: string | null) => Columns | null;

/** Only the first rule may have a prefix that is followed by a column in a later one. */
const listSyntax = String.raw`^\[(source|topic|[".\w\s_]+):([".\w\s_]+(?::[".\w\s_]+)?(?:,|]$))+$`;

/** `source:table`, `source:table:column`, `topic:topic`, `topic:topic:column`, `name:column`. A prefix holds for the rules behind it, too. */
export function readTableRules(key: string, rules: readonly string[]): FindColumns {
  const form = compileJavaPattern(listSyntax);
  if (!form.matches(`[${rules.join(', ')}]`)) {
    const name = key === 'include.list' ? 'include' : 'exclude';
    throw new ConfigError(
      key,
      rules,
      `Invalid ${name} list format. Please specify a list of rules in the format of "source:<tablename>:<fieldnames>", "topic:<topicname>:<fieldnames>", "<matchname>:<fieldnames>"`,
    );
  }
  const topics = new Map<string, Set<string>>();
  const tables = new Map<string, Set<string>>();
  const either = new Map<string, Set<string>>();
  let prefix: string | null = null;
  for (const rule of rules) {
    const parsed = parseRule(rule);
    prefix = parsed.prefix ?? prefix;
    const place = prefix === 'topic' ? topics : prefix === 'source' ? tables : either;
    const columns = place.get(parsed.name) ?? new Set();
    place.set(parsed.name, columns);
    if (parsed.column !== null) columns.add(parsed.column);
  }
  return (topic, table) =>
    topics.get(topic) ??
    tables.get(table ?? '') ??
    either.get(topic) ??
    either.get(table ?? '') ??
    null;
}

function parseRule(rule: string): { prefix: string | null; name: string; column: string | null } {
  const [first = '', second = null, third = null] = javaSplit(rule, ':');
  return /^(?:source|topic)$/i.test(first) && second !== null
    ? { prefix: first, name: second, column: third }
    : { prefix: null, name: first, column: second };
}
