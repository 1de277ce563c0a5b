import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** The arrows between the rooms: pages use ui, live and api; ui uses nothing of ours; only lib/api talks to the network. */
const arrows = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/lib/api/openapi.d.ts'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    files: ['src/**'],
    ignores: ['src/lib/api/**'],
    rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: 'Only lib/api talks to the box.' }] },
  },
  {
    rules: {
      eqeqeq: 'error',
      'svelte/no-at-html-tags': 'error',
      'svelte/no-inline-styles': 'error',
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  { files: ['src/lib/ui/**'], rules: arrows(['$lib/*', '$messages/*', '!$lib/ui/*']) },
  { files: ['src/lib/**'], ignores: ['src/lib/ui/**'], rules: arrows(['**/pages/**', '$lib/ui/*']) },
);
