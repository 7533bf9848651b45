// Lint: what the compiler does not say. The rooms' import rules are design section 2; each says why it exists in its message.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const ROOMS = [
  'contract',
  'process',
  'workflows',
  'activities',
  'watcher',
  'worker',
  'azure',
  'kube',
  'kinds',
  'cli',
  'simulator',
  'dev',
  'test',
  'bench',
  'scripts',
];

/** Whoever installs CRDs reads the files of crds/: schemas are built when the kinds change, never while the operator runs. */
const GENERATOR = {
  regex: '(?:^|/)kinds/generate/',
  message: 'kinds/generate/ runs when the kinds change; nothing else loads it (kinds/README.md).',
};

/** Files of `room` may import from the rooms in `allowed` only. */
function room(name, allowed, more = {}) {
  const forbidden = ROOMS.filter((other) => other !== name && !allowed.includes(other));
  return {
    files: [`${name}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^\\.\\./(?:\\.\\./)*(?:${forbidden.join('|')})/`,
              message: `${name}/ may import ${allowed.join(', ') || 'no other room'} only (design, section 2).`,
            },
            GENERATOR,
            ...(more.patterns ?? []),
          ],
        },
      ],
    },
  };
}

const KINDS_FOLDERS = ['facts', 'mapping', 'quirks', 'generic', 'generate'];

/** Files of this folder of kinds/ may import contract.ts, the JSON helpers and the folders in `allowed` only. */
function kindsFolder(name, allowed) {
  const forbidden = KINDS_FOLDERS.filter((other) => other !== name && !allowed.includes(other));
  return room(`kinds/${name}`, [], {
    patterns: [
      {
        regex: `^\\.\\./(?:(?:${forbidden.join('|')})/|(?:load|shape)\\.ts$)`,
        message: `kinds/${name}/ may import ${['contract.ts', 'json.ts', 'json-path.ts', ...allowed].join(', ')} only (kinds/README.md).`,
      },
    ],
  });
}

export default tseslint.config(
  { ignores: ['node_modules/', '.dev/', 'crds/', 'kinds/facts/types/', 'coverage/', '**/*.mjs'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-undef': 'off', // The compiler's work.
      'no-control-regex': 'off',
      'max-lines': ['error', { max: 400 }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // `() => server.close()` and `return reject(error)` are how short functions and early ends are written here.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // A number in a text is what it looks like.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `String(json)` stands where a schema has seen to it that there is no object.
      '@typescript-eslint/no-base-to-string': 'off',
      // Objects here are JSON, whose keys are data.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // It does not know `Promise.withResolvers<void>()`.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Without the argument the type is inferred, which is not always the default.
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      // A type that CEL knows by its class has no members.
      '@typescript-eslint/no-extraneous-class': ['error', { allowEmpty: true }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `stack?.stop()` in afterAll: where beforeAll has failed there is none.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // `async () => ({…})` stands for what is asynchronous in the product.
      '@typescript-eslint/require-await': 'off',
      // Whatever a test rejects with is what it is about.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // Tests take apart what they made themselves; a wrong guess fails the test.
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
    },
  },
  {
    files: ['contract', 'process', 'workflows', 'activities', 'watcher', 'worker', 'azure', 'kube'].map(
      (name) => `${name}/**/*.ts`,
    ),
    rules: { 'max-lines-per-function': ['error', { max: 60 }] },
  },
  {
    files: ['contract', 'workflows', 'activities', 'watcher', 'worker', 'azure', 'kube', 'kinds'].map(
      (name) => `${name}/**/*.ts`,
    ),
    ignores: ['kinds/generate/**'],
    rules: {
      'no-console': 'error',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'pino',
              message:
                'process/log.ts is the log. A step does not log: it says what it changed with StepContext.record.',
            },
          ],
        },
      ],
    },
  },
  room('azure', []),
  room('kube', []),
  room('process', []),
  room('kinds', []),
  {
    files: ['kinds/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^\\./generate/', message: GENERATOR.message },
            { regex: '^\\.\\./', message: 'kinds/ may import no other room (design, section 2).' },
          ],
        },
      ],
    },
  },
  kindsFolder('facts', []),
  kindsFolder('mapping', ['facts']),
  kindsFolder('quirks', []),
  kindsFolder('generic', ['facts', 'mapping']),
  // Types only: what the workflow bundle takes in stays `contract/` and `workflows/`.
  room('contract', ['kinds', 'azure']),
  room('activities', ['azure', 'kube', 'kinds', 'contract']),
  room('activities/resource', ['azure', 'kube', 'kinds', 'contract'], {
    patterns: [
      {
        regex: '^\\.\\./(?:identity|arm|exports|expressions)/',
        message: 'The custom resource knows nothing of the calls to Azure.',
      },
    ],
  }),
  room('activities/identity', ['azure', 'kube', 'kinds', 'contract'], {
    patterns: [
      { regex: '^\\.\\./(?:arm|exports|expressions)/', message: 'Identity is decided before the calls to Azure.' },
    ],
  }),
  room('activities/arm', ['azure', 'kube', 'kinds', 'contract'], {
    patterns: [
      { regex: '^\\.\\./(?:exports|expressions)/', message: 'Exports stand on arm/, not the other way round.' },
    ],
  }),
  room('activities/expressions', ['azure', 'kube', 'kinds', 'contract'], {
    patterns: [
      {
        regex: '^\\.\\./(?:identity|arm|exports|resource)/',
        message: 'The threads know expressions, and nothing of a resource.',
      },
    ],
  }),
  room('workflows', ['contract'], {
    patterns: [
      {
        group: ['node:*', '@azure/*', '@kubernetes/*', 'undici', 'pino'],
        message: 'Workflow code is deterministic: no Node built-ins, no clients.',
      },
    ],
  }),
  room('watcher', ['process', 'kube', 'kinds', 'contract', 'azure'], {
    patterns: [
      {
        regex: '^\\.\\./azure/(?!reasons\\.ts$)',
        message: 'Of azure/, watcher/ knows the table of reasons only: by it the metrics count the resources.',
      },
    ],
  }),
  room('worker', ['activities', 'process', 'azure', 'kube', 'kinds', 'contract']),
  room('simulator', ['kinds']),
  room('cli', ['kube', 'kinds', 'contract', 'azure']),
);
