import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where `npm run dev` finds a running box. */
const box = process.env['CENTRALE_BOX'] ?? 'https://localhost:8443';

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: { $lib: here('./src/lib'), $messages: here('./src/messages') },
    // Tests run the code that browsers run, not the one for rendering on a server.
    ...(process.env['VITEST'] === undefined ? {} : { conditions: ['browser'] }),
  },
  build: {
    target: ['chrome123', 'edge123', 'firefox125', 'safari17.5'],
    // The content security policy forbids data: addresses, so nothing is written into the code as one.
    assetsInlineLimit: 0,
    // All of these browsers load ahead by themselves.
    modulePreload: { polyfill: false },
    rollupOptions: { input: { index: here('./index.html'), setup: here('./setup.html') } },
  },
  server: { proxy: { '/api': { target: box, secure: false }, '/health': { target: box, secure: false } } },
  test: { include: ['tests/unit/**/*.test.ts'] },
});
