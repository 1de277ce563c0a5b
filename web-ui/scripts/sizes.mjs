// Fails when the page outgrows its budgets. Sizes are of the .gz files, in kB of 1000 bytes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BUDGETS = { 'first load': 40, 'largest file': 60, everything: 300 };

const dist = new URL('../dist/', import.meta.url).pathname;
const size = (name) => statSync(join(dist, `${name}.gz`)).size / 1000;
const files = readdirSync(dist, { recursive: true }).filter((name) => /\.(?:html|js|css|svg)$/.test(name));

/** What the browser fetches before anything can be shown: an entry and all that it names. */
function firstLoad(html) {
  const text = readFileSync(join(dist, html), 'utf8');
  const named = [...text.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]);
  return [html, ...named].reduce((sum, name) => sum + size(name), 0);
}

const measured = {
  'first load': Math.max(firstLoad('index.html'), firstLoad('setup.html')),
  'largest file': Math.max(...files.map(size)),
  everything: files.reduce((sum, name) => sum + size(name), 0),
};

for (const [what, kilobytes] of Object.entries(measured)) {
  const over = kilobytes > BUDGETS[what];
  console.log(`${over ? 'OVER ' : 'ok   '} ${what}: ${kilobytes.toFixed(1)} of ${BUDGETS[what]} kB`);
  if (over) process.exitCode = 1;
}
