import tseslint from 'typescript-eslint';

/**
 * The arrows of the house: services/* -> libs/aws-control-plane -> libs/service-kit -> libs/contracts.
 * A service never imports another; only `standalone` does, through each service's public `start`.
 */
const room = (files, ...forbidden) => ({
  files: [files],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...forbidden.map((name) => ({
            group: [name, `${name}/**`],
            message: 'This arrow is not in the house: see docs/architecture.md.',
          })),
          {
            group: ['@federation-agent/*/*', '!@federation-agent/service-kit/testing'],
            message: 'Import a package by its name; its index.ts is its door.',
          },
        ],
      },
    ],
  },
});

const packages = {
  kit: '@federation-agent/service-kit',
  aws: '@federation-agent/aws-control-plane',
  link: '@federation-agent/gateway-link',
  discovery: '@federation-agent/aws-discovery',
  subscriptions: '@federation-agent/subscription-manager',
  standalone: '@federation-agent/standalone',
  sandbox: '@federation-agent/sandbox',
  tests: '@federation-agent/tests',
};
const sdk = ['@aws-sdk/*', '@smithy/*'];
const { kit, aws, link, discovery, subscriptions, standalone, sandbox, tests } = packages;

export default tseslint.config(
  {
    ignores: [
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
  room('libs/contracts/src/**', kit, aws, link, discovery, subscriptions, standalone, sandbox, tests, ...sdk),
  room('libs/service-kit/src/**', aws, link, discovery, subscriptions, standalone, sandbox, ...sdk),
  room('libs/aws-control-plane/src/**', link, discovery, subscriptions, standalone),
  room('services/gateway-link/src/**', aws, discovery, subscriptions, standalone, ...sdk),
  room('services/aws-discovery/src/**', link, subscriptions, standalone, ...sdk),
  room('services/subscription-manager/src/**', link, discovery, standalone, ...sdk),
  room('services/standalone/src/**', ...sdk),
  room('sandbox/src/**', kit, aws, link, discovery, subscriptions, standalone),
);
