// Biome formats and lints; this adds what needs types, the house's sizes, and what the house forbids by name.
import tseslint from 'typescript-eslint'

const clockReads = [
  { object: 'Date', property: 'now' },
  { object: 'performance', property: 'now' },
  { object: 'performance', property: 'timeOrigin' },
  { object: 'Math', property: 'random' },
  { object: 'process', property: 'env' },
  { object: 'process', property: 'hrtime' },
  { object: 'process', property: 'uptime' },
  { object: 'crypto', property: 'randomUUID' },
  { object: 'crypto', property: 'getRandomValues' },
  { object: 'os', property: 'tmpdir' },
].map((read) => ({ ...read, message: 'Only libs/runtime reads clocks, randomness and the environment: have it given in.' }))

const surroundings = [
  { name: 'os', importNames: ['tmpdir'] },
  { name: 'process', importNames: ['env', 'hrtime', 'uptime'] },
  { name: 'perf_hooks', importNames: ['performance'] },
  { name: 'crypto', importNames: ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues', 'webcrypto'] },
].flatMap(({ name, importNames }) =>
  [name, `node:${name}`].map((module) => ({
    name: module,
    importNames,
    message: 'Only libs/runtime reads clocks, randomness and the environment: have it given in.',
  })),
)

const exportAll = { selector: 'ExportAllDeclaration', message: 'List the names by hand.' }
const plainError = {
  selector: ':matches(NewExpression, CallExpression)[callee.name=/^(Error|TypeError|RangeError)$/]',
  message: 'Make it a RondoError with a code.',
}
const clockObjects = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Only libs/runtime reads the clock: have the instant given in.' },
  { selector: "CallExpression[callee.name='Date']", message: 'Only libs/runtime reads the clock: have the instant given in.' },
]

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'reports/', '.stryker-tmp/', '.cache/', 'data/', '**/*.js', '**/*.cjs', '**/*.mjs'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 70],
      'no-restricted-syntax': ['error', exportAll],
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-properties': ['error', ...clockReads],
      'no-restricted-imports': ['error', { paths: surroundings }],
      'no-restricted-syntax': ['error', exportAll, plainError, ...clockObjects],
    },
  },
  {
    files: ['libs/runtime/**/*.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off', 'no-restricted-syntax': ['error', exportAll, plainError] },
  },
  {
    // A browser has a clock of its own, and its Date makes texts of times; Rondo's numbers do not depend on them.
    files: ['apps/dashboard/src/clock.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // A describe block is a list of facts, not a function; and tests may make times and folders of their own.
    files: ['**/*.spec.ts', '**/conformance/**/*.ts', 'test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': ['error', exportAll],
    },
  },
)
