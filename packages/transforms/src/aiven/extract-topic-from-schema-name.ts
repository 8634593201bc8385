import {
  ConfigError,
  compileJavaPattern,
  DataError,
  defineConfig,
  type JavaPattern,
  JavaPatternError,
  string,
  type TransformationPlugin,
} from '@tributary/sdk';
import { aiven } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { perText } from '../per-text.ts';

const mapKey = 'schema.name.topic-map';
const regexKey = 'schema.name.regex';

const config = defineConfig(
  string(mapKey, {
    default: null,
    importance: 'LOW',
    doc: 'Topics by schema name, as name:topic,name:topic.',
  }),
  string(regexKey, {
    default: null,
    importance: 'LOW',
    doc: 'Java regular expression with one group: what it finds in the name of the schema is the topic.',
  }),
);

/** Sends records to a topic that is named by the schema of their value. */
export const extractTopicFromSchemaName: TransformationPlugin = defineTransformation(
  `${aiven}.ExtractTopicFromSchemaName$Value`,
  config,
  ({ [mapKey]: mapText, [regexKey]: regex }) => {
    if (mapText !== null && regex !== null) {
      throw new ConfigError(`${mapKey} and ${regexKey} should not be defined together.`);
    }
    const topics = mapText === null ? new Map<string, string>() : parseTopics(mapText);
    const pattern = regex === null || regex === '' ? null : compile(regex);
    const topicOf = perText((name) => topics.get(name) ?? foundIn(pattern, name) ?? name);
    return (record) => {
      const name = record.valueSchema?.name ?? null;
      if (name === null) throw new DataError(` value schema name can't be null: ${record}`);
      return record.newRecord({ topic: topicOf(name) });
    };
  },
);

function parseTopics(text: string): Map<string, string> {
  const pairs = text.split(',').map((entry) => entry.split(':') as [string, string]);
  if (pairs.every((pair) => pair.length === 2)) return new Map(pairs);
  throw new ConfigError(
    `${mapKey} is not valid. Format should be: "SchemaValue1:NewValue1,SchemaValue2:NewValue2"`,
  );
}

function compile(regex: string): JavaPattern {
  try {
    return compileJavaPattern(regex);
  } catch (error) {
    if (!JavaPatternError.is(error)) throw error;
    throw new ConfigError(`${regex} set as ${regexKey} is not valid regex.`, { cause: error });
  }
}

/** The only group of the first match. */
function foundIn(pattern: JavaPattern | null, name: string): string | null {
  const groups = pattern?.findGroups(name) ?? null;
  return groups?.length === 2 ? (groups[1] ?? null) : null;
}
