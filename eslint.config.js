import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { names } from './scripts/lint/names.js';

const code = ['**/*.ts'];
const specs = ['**/*.spec.ts', '**/testing/**'];
// What runs on its own and prints: not part of the product.
const tools = ['scripts/**', 'test/**', 'apps/*/src/demo.ts', 'apps/*/src/demo/**'];

export default tseslint.config(
  { ignores: ['node_modules/', '.tributary/', '.cache/', 'coverage/'] },
  { files: ['**/*.{ts,js}'], plugins: { names }, rules: { 'names/banned': 'error' } },
  { files: ['**/*.js'], ...js.configs.recommended, languageOptions: { globals: { process: 'readonly' } } },
  {
    files: code,
    extends: [js.configs.recommended, ...tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      // A new event breaks the lint exactly where someone must think; a default would hide it.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: false, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      // Prefer the language's own word where a rule would only ask for another spelling.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Names and bodies are checked for control characters: that is what the expressions are for.
      'no-control-regex': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name: a name can be searched for.' },
        { selector: 'ExportAllDeclaration', message: 'List the names: a front door says what is behind it.' },
      ],
      // A function that makes one thing out of closures may be longer than one that does one thing; aim at 50.
      'max-params': ['error', 4],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: specs, rules: { 'max-lines-per-function': 'off', 'max-params': 'off', 'max-lines': ['error', 500] } },
  { files: tools, rules: { 'no-console': 'off' } },
  { files: ['*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
