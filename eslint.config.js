import tseslint from 'typescript-eslint';

/**
 * The arrows of the house: what each package may import of ours, in what ships and besides in its tests (docs/architecture.md).
 * Whatever is not named is refused. A service never imports another; only `standalone` and `doctor` do, through what a service exports.
 */
const belowServices = ['contracts', 'base', 'net', 'broker', 'configuration', 'service-kit'];
const house = {
  'libs/contracts': { may: [] },
  'libs/base': { may: [] },
  'libs/net': { may: ['contracts', 'base'] },
  'libs/broker': { may: ['contracts', 'base'], inTests: ['net'] },
  'libs/configuration': { may: ['contracts', 'base', 'net', 'broker'] },
  'libs/service-kit': { may: ['contracts', 'base', 'net', 'broker', 'configuration'] },
  'libs/aws-control-plane': { may: ['contracts', 'base', 'net', 'broker', 'configuration'], sdk: true },
  'libs/embedded-broker': { may: ['base'], inTests: ['broker'] },
  'services/gateway-link': { may: belowServices },
  'services/aws-discovery': { may: [...belowServices, 'aws-control-plane'], inTests: ['sandbox'] },
  'services/subscription-manager': { may: [...belowServices, 'aws-control-plane'], inTests: ['sandbox'] },
  'services/doctor': {
    may: [...belowServices, 'aws-control-plane', 'embedded-broker', 'gateway-link'],
    inTests: ['sandbox'],
  },
  'services/standalone': {
    may: [
      ...belowServices,
      'embedded-broker',
      'doctor',
      'gateway-link',
      'aws-discovery',
      'subscription-manager',
    ],
  },
  sandbox: { may: ['contracts'], sdkInTests: true },
};

const restricted = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
/** `import` of ours that is not one of these, whatever its door. */
const onlyOurs = (names) => ({
  regex: `^@federation-agent/(?!(?:${names.join('|') || '-'})(?:/|$))`,
  message: 'This arrow is not in the house: see docs/architecture.md.',
});
const aDoor = {
  regex: '^@federation-agent/[^/]+/(?!test$)',
  message: 'Import a package by its name; its index.ts is its door.',
};
const noTestDoor = {
  regex: '^@federation-agent/[^/]+/.',
  message: 'Scripts import packages by their names.',
};
const noTest = {
  regex: '^@federation-agent/[^/]+/test$|^\\.{1,2}/(?:.*/)?test/|\\.test\\.ts$',
  message: 'What ships imports nothing that only tests it.',
};
const noSdk = {
  group: ['@aws-sdk/*', '@smithy/*'],
  message: 'The SDK of AWS stays in libs/aws-control-plane.',
};

const tests = ['src/**/*.test.ts', 'test/**'];
const rooms = Object.entries(house).flatMap(
  ([folder, { may, inTests = [], sdk = false, sdkInTests = false }]) => [
    {
      files: [`${folder}/src/**`],
      ignores: ['**/*.test.ts'],
      rules: restricted(onlyOurs(may), aDoor, noTest, ...(sdk ? [] : [noSdk])),
    },
    {
      files: tests.map((path) => `${folder}/${path}`),
      rules: restricted(onlyOurs([...may, ...inTests]), aDoor, ...(sdk || sdkInTests ? [] : [noSdk])),
    },
  ],
);

export default tseslint.config(
  {
    ignores: [
      '.cache',
      '.tools/**',
      '**/node_modules/**',
      'tests/interop/apim-controller/**',
      'data/**',
      'dist/**',
      '**/.venv*/**',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'No enums: a union of literals.' },
      ],
      'max-lines': ['error', { max: 400 }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.base],
    rules: { 'max-lines': ['error', { max: 400 }] },
  },
  { files: ['tests/**'], rules: restricted(aDoor) },
  { files: ['scripts/**'], ignores: ['**/*.test.*'], rules: restricted(noTestDoor) },
  ...rooms,
);
