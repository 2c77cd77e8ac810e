import tseslint from 'typescript-eslint';

/**
 * Which of our packages each package may import: `may` everywhere, `inTests` only in its tests (docs/architecture.md).
 * Everything else is refused. A service never imports another, except that `standalone` and `doctor` import what
 * services export.
 */
const belowServices = ['contracts', 'base', 'net', 'broker', 'configuration', 'service-kit'];
const allowedImports = {
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
/** Refuses an import of our packages that are not in `names`. */
const onlyTheseOfOurs = (names) => ({
  regex: `^@federation-agent/(?!(?:${names.join('|') || '-'})(?:/|$))`,
  message: 'This package may not import that one: see docs/architecture.md.',
});
const byNameOnly = {
  regex: '^@federation-agent/[^/]+/(?!test$)',
  message: 'Import a package by its name, through its index.ts.',
};
const noTestEntry = {
  regex: '^@federation-agent/[^/]+/.',
  message: 'Scripts import packages by their names.',
};
const noTest = {
  regex: '^@federation-agent/[^/]+/test$|^\\.{1,2}/(?:.*/)?test/|\\.test\\.ts$',
  message: 'Shipped code must not import test code.',
};
const noSdk = {
  group: ['@aws-sdk/*', '@smithy/*'],
  message: 'Only libs/aws-control-plane may import the AWS SDK.',
};

const tests = ['src/**/*.test.ts', 'test/**'];
const packageRules = Object.entries(allowedImports).flatMap(
  ([folder, { may, inTests = [], sdk = false, sdkInTests = false }]) => [
    {
      files: [`${folder}/src/**`],
      ignores: ['**/*.test.ts'],
      rules: restricted(onlyTheseOfOurs(may), byNameOnly, noTest, ...(sdk ? [] : [noSdk])),
    },
    {
      files: tests.map((path) => `${folder}/${path}`),
      rules: restricted(
        onlyTheseOfOurs([...may, ...inTests]),
        byNameOnly,
        ...(sdk || sdkInTests ? [] : [noSdk]),
      ),
    },
  ],
);

/** Prettier breaks code at 110 columns, but leaves comments and long texts alone. */
const size = {
  'max-lines': ['error', { max: 400 }],
  'max-len': [
    'error',
    {
      code: 120,
      ignoreUrls: true,
      ignoreStrings: true,
      ignoreTemplateLiterals: true,
      ignoreRegExpLiterals: true,
    },
  ],
};

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
      '@typescript-eslint/no-unsafe-enum-assignment': 'off', // There are no enums.
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'No enums: a union of literals.' },
      ],
      ...size,
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.base],
    rules: size,
  },
  { files: ['tests/**'], rules: restricted(byNameOnly) },
  { files: ['scripts/**'], ignores: ['**/*.test.*'], rules: restricted(noTestEntry) },
  ...packageRules,
);
