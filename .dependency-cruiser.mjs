import swc from '@swc/core/Visitor.js';

// swc parses `using`, but the visitor that comes with it refuses the statement.
const { visitStatement } = swc.Visitor.prototype;
swc.Visitor.prototype.visitStatement = function visit(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement);
  return { ...statement, decls: this.visitVariableDeclarators(statement.decls) };
};

// Who may import whom (docs/design.md): a package sees its own files and the packages named here.
const mayImport = {
  'packages/sdk': [],
  'packages/wire': [],
  'packages/kafka': ['packages/wire'],
  'packages/dev-broker': ['packages/wire'],
  'packages/runtime': ['packages/kafka', 'packages/sdk'],
  'packages/rest': ['packages/kafka/src/security', 'packages/runtime', 'packages/sdk'],
  'packages/converters': ['packages/sdk'],
  'packages/transforms': ['packages/sdk'],
  'packages/cli': [
    'connectors/[^/]+',
    'packages/converters',
    'packages/dev-broker',
    'packages/rest',
    'packages/runtime',
    'packages/transforms',
  ],
};

const tests = '[.]test[.]ts$|/(integration|fixtures)/';
const steps = '^packages/runtime/src/(source|sink|stages)/';
// What steps share without knowing each other.
const sharedBySteps = '/(types|partition-key)[.]ts$';

export default {
  forbidden: [
    ...Object.entries(mayImport).map(([from, targets]) => ({
      name: `direction-${from.replace('packages/', '')}`,
      severity: 'error',
      comment: `${from} may import ${targets.length === 0 ? 'no other package' : targets.join(', ')}`,
      from: { path: `^${from}/src/`, pathNot: tests },
      to: {
        path: '^(packages|connectors)/',
        pathNot: [from, ...targets].map((folder) => `^${folder}/`),
      },
    })),
    {
      name: 'direction-connectors',
      severity: 'error',
      comment: 'a connector imports the SDK and the driver of its system',
      from: { path: '^connectors/([^/]+)/src/', pathNot: tests },
      to: { path: '^(packages|connectors)/', pathNot: ['^packages/sdk/', '^connectors/$1/'] },
    },
    {
      name: 'testkit-is-for-tests',
      severity: 'error',
      comment: 'what ships does not import the testkit',
      from: { path: '/src/', pathNot: [tests, '^packages/testkit/'] },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'steps-stay-apart',
      severity: 'error',
      comment: 'a step imports neither another step nor its spine: the spine calls the steps',
      from: { path: steps, pathNot: [tests, '/worker-(source|sink)-task[.]ts$'] },
      to: { path: steps, pathNot: sharedBySteps, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'two files that need each other are one file or three',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'an import that leads nowhere hides from every rule above',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|/fixtures/' },
    enhancedResolveOptions: {
      conditionNames: ['@tributary/source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
