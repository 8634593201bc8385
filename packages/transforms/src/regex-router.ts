import { defineConfig, string, type TransformationPlugin, validJavaPattern } from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineTransformation } from './define.ts';
import { topicRenamer } from './topic-renamer.ts';

const config = defineConfig(
  string('regex', {
    importance: 'HIGH',
    validator: validJavaPattern(),
    doc: 'Java regular expression that the whole topic must match.',
  }),
  string('replacement', {
    importance: 'HIGH',
    doc: 'New topic; $1 and ${name} stand for groups of the expression.',
  }),
);

/** Renames topics. */
export const regexRouter: TransformationPlugin = defineTransformation(
  `${apache}.RegexRouter`,
  config,
  ({ regex, replacement }) => {
    const newTopic = topicRenamer(regex, replacement, 'replacement');
    return (record) => {
      const topic = newTopic(record.topic);
      return topic === null ? record : record.newRecord({ topic });
    };
  },
);
