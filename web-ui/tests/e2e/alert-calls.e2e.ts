/** Whom the box calls when something cannot wait: which numbers it takes, and what it says of them in each language. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alerts as en } from '../../src/messages/alerts.en';
import { alerts as fr } from '../../src/messages/alerts.fr';
import { alerts as nl } from '../../src/messages/alerts.nl';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, show, sidewaysScroll, type Browser, type Page } from './browser';
import { prove, setUp } from './office';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

const section = () => page.locator('#alerts');
const save = () => section().getByRole('button', { name: 'Save' }).click();

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, { language: 'en', theme: 'light', width: 1280 }));
  await setUp(page, box);
  await page.goto('/settings/protection');
  await section().getByLabel(en.server, { exact: true }).fill('mail.example.net');
  await section().getByLabel(en.sender, { exact: true }).fill('box@example.net');
  await section().getByRole('button', { name: en.add }).click();
  await section().getByLabel(en.address(1), { exact: true }).fill('owner@example.org');
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

test('a number that costs extra, or of another country, is not called', async () => {
  for (const number of ['+31 900 123 4567', '+44 20 7946 0000']) {
    await section().getByLabel(en.phone(1), { exact: true }).fill(number);
    await save();
    await section().getByText(en.refused['number-not-ordinary']).waitFor();
  }
});

test('an ordinary one is, once somebody there says so, and can be asked again', async () => {
  await section().getByLabel(en.phone(1), { exact: true }).fill('+31 6 12345678');
  await save();
  await prove(page);
  await section().getByRole('heading', { name: en.ringing }).waitFor();
  await section().getByText(en.ringsSoon).waitFor();
  await section().getByRole('button', { name: en.ringLabel('+31612345678') }).click();
  await section().getByText(en.ringAsked).waitFor();
  // There is no provider: it says so.
  await expect
    .poll(async () => {
      await page.reload();
      return section().getByText(en.ends['not-made']).count();
    })
    .toBeGreaterThan(0);
});

test.each([
  ['nl', nl],
  ['fr', fr],
  ['en', en],
] as const)('in %s the page says who is called and what became of it', async (language, m) => {
  for (const width of [390, 1280]) {
    await show(page, '/settings/protection', { language, theme: 'light', width });
    await section().getByText(m.ringingHint).waitFor();
    await section().getByText(m.said.accept).first().waitFor();
    await section().getByText(m.ends['not-made']).first().waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
  }
  expect(await axeFindings(page)).toEqual([]);
  expect(wrong).toEqual([]);
});
