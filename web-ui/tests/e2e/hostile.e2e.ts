/** Names that somebody chose to break the page, the log or a file: they are shown as text, and nothing of them runs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { openBrowser, openPage, sidewaysScroll, type Browser, type Page } from './browser';
import { handPassword, PASSWORD, setUp } from './office';
import { Phone } from './phone';

/** What a caller says to be called. Each would set `ran` if it ran. */
const CALLERS = [
  '<script>window.ran=1</script>',
  '<img src=x onerror="window.ran=2">',
  `'"><svg onload=window.ran=3>`,
  'Piet\u202Egnp.exe',
  'een\u2028regel\u0085erbij',
  '=HYPERLINK("http://evil.example";"x")',
  `\\",${'x'.repeat(2000)}`,
];
const AGENT = '<script>window.ran=4</script>\u202E"><img src=x onerror=window.ran=5>';
const PERSON = '<b onmouseover=window.ran=6>Anna</b>';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, { language: 'en', theme: 'light', width: 1280 }));
  page.on('dialog', (dialog) => {
    wrong.push(`the page asked ${dialog.message()}`);
    void dialog.dismiss();
  });
  await setUp(page, box);
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

/** Does something as the page does it, with a proof where the box wants one. */
async function write(method: string, path: string, body: unknown): Promise<number> {
  return page.evaluate(
    async ({ method, path, body, password }) => {
      const { csrf } = (await (await fetch('/api/v1/session')).json()) as { csrf: string };
      const send = (to: string, how: string, what: unknown, more: Record<string, string>) =>
        fetch(`/api/v1/${to}`, {
          method: how,
          headers: { 'content-type': 'application/json', 'x-centrale-csrf': csrf, ...more },
          body: JSON.stringify(what),
        });
      const first = await send(path, method, body, {});
      if (first.status !== 403) return first.status;
      const { proof } = (await (await send('session/proof', 'POST', { password }, {})).json()) as { proof: string };
      return (await send(path, method, body, { 'x-centrale-proof': proof })).status;
    },
    { method, path, body, password: PASSWORD },
  );
}

/** The rows of a file of comma-separated values (RFC 4180). */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows.filter((row) => row.length > 1);
}

test('of phones, people and callers are taken as they are, or refused', async () => {
  expect(await write('POST', 'people', { number: '201', name: PERSON })).toBe(201);
  const { username, password } = await handPassword(page, '201');
  const anna = await Phone.registered({ number: '201', username, password, port: box.sipPort, agent: AGENT });
  const provider = await Phone.unregistered({ number: 'x', username: 'office', password: '', port: box.sipPort });
  const trunk = {
    server: provider.address,
    transport: 'udp',
    username: 'office',
    password: 'secret of the provider',
    register: false,
    numbers: ['+31201234567'],
  };
  expect(await write('PUT', 'trunks/provider', trunk)).toBe(200);
  expect(await write('PUT', 'inbound/+31201234567', { to: '201' })).toBe(200);
  await page.goto('/calls');
  for (const [index, name] of CALLERS.entries()) {
    provider.becomes({ name, number: `+3161234567${String(index)}`, agent: AGENT });
    const ended = provider.callInVain('+31201234567');
    await anna.rings();
    await page.goto('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    anna.refuse('486 Busy Here');
    expect(await ended).toBeGreaterThanOrEqual(400);
  }
});

test('are text on every page, and nothing of them runs', async () => {
  for (const path of ['/', '/calls', '/people', '/people/201', '/phones', '/settings/protection', '/settings/changes']) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('details summary').evaluateAll((all) => {
      for (const one of all) (one as HTMLElement).click();
    });
    expect(await page.evaluate(() => (window as { ran?: number }).ran), path).toBeUndefined();
    const foreign = 'main script, main svg[onload], main [onerror], main [onmouseover], main img[src=x]';
    expect(await page.locator(foreign).count(), path).toBe(0);
    expect(await sidewaysScroll(page), path).toBe(0);
  }
  await page.goto('/calls');
  const calls = page.getByRole('main').getByRole('listitem');
  await calls.first().waitFor();
  expect(await calls.count()).toBe(CALLERS.length);
  await calls.getByText('<script>window.ran=1</script>').first().waitFor();
  // Nothing of a name turns what stands beside it.
  const turned = await calls.locator('.who strong').evaluateAll(
    (all) => all.filter((one) => /[\u202A-\u202E\u2066-\u2069]/.test(one.textContent) && getComputedStyle(one).display === 'inline').length,
  );
  expect(turned).toBe(0);
});

test('break no line of a file', async () => {
  const read = (path: string) => page.evaluate(async (path) => (await fetch(`/api/v1/${path}`)).text(), path);
  for (const [path, lines] of [['calls.csv', CALLERS.length], ['audit.csv', undefined]] as const) {
    const rows = rowsOf(await read(path));
    const widths = new Set(rows.map((row) => row.length));
    expect([...widths], path).toHaveLength(1);
    if (lines !== undefined) expect(rows.length, path).toBe(lines + 1);
    // A spreadsheet takes what begins so for a formula.
    expect(rows.flat().filter((cell) => /^[=@]/.test(cell)), path).toEqual([]);
  }
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
