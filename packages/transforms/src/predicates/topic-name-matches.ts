import {
  allOf,
  compileJavaPattern,
  defineConfig,
  nonEmptyString,
  type PredicatePlugin,
  string,
  validJavaPattern,
} from '@tributary/sdk';
import { apache } from '../class-names.ts';
import { definePredicate } from '../define.ts';
import { perText } from '../per-text.ts';

const config = defineConfig(
  string('pattern', {
    validator: allOf(nonEmptyString(), validJavaPattern()),
    doc: 'Java regular expression that the whole topic must match.',
  }),
);

/** Records whose topic is of that form. */
export const topicNameMatches: PredicatePlugin = definePredicate(
  `${apache}.predicates.TopicNameMatches`,
  config,
  (options) => {
    const pattern = compileJavaPattern(options.pattern);
    const isMatching = perText((topic) => pattern.matches(topic));
    return (record) => record.topic !== null && isMatching(record.topic);
  },
);
