/** Debian's Chromium, and what every test of the page asks of it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { Language } from '../../src/lib/i18n.svelte';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export type Theme = 'light' | 'dark';

export interface Look {
  language: Language;
  theme: Theme;
  width: number;
}

/** With more switches, where a test needs them. */
export function openBrowser(more: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

/** A page of its own session, with everything that went wrong in it: refusals by the security policy, errors of the
 * page's code, and requests to anywhere but the box. */
export async function openPage(
  browser: Browser,
  url: string,
  look: Look,
  /** Whether the browser knows the box's key, and warns of nothing. */
  { trusted } = { trusted: false },
): Promise<{ page: Page; wrong: string[] }> {
  const context = await browser.newContext({
    baseURL: url,
    ignoreHTTPSErrors: !trusted,
    viewport: { width: look.width, height: 844 },
    colorScheme: look.theme,
    locale: look.language,
  });
  const page = await context.newPage();
  return { page, wrong: watch(page, url) };
}

function watch(page: Page, url: string): string[] {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(`error in the page: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) wrong.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) wrong.push(`request to ${request.url()}`);
  });
  return wrong;
}

/** Shows the page anew in this look, as the user of this browser chose it. */
export async function show(page: Page, path: string, look: Look): Promise<void> {
  await page.setViewportSize({ width: look.width, height: 844 });
  await page.emulateMedia({ colorScheme: look.theme });
  await page.evaluate((language) => {
    localStorage.setItem('centrale.language', language);
  }, look.language);
  await page.goto(path);
  await page.locator(`html[lang=${look.language}] h1`).waitFor();
}

/** What axe finds against WCAG 2.2 AA, one line for each. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const results = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return axe.run({ runOnly: tags, resultTypes: ['violations'] });
  });
  return results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} (${violation.help})`),
  );
}

/** How far the page is wider than its window, in CSS pixels. */
export function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

export type { Browser, BrowserContext, Page };
