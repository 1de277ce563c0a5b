/** Where help must come. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, type Browser, type Page } from './browser';
import { setUp } from './office';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, { language: 'en', theme: 'light', width: 1280 }));
  await setUp(page, box);
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

describe('emergency calls', () => {
  const section = () => page.locator('#emergency');
  const field = (label: string) => section().getByLabel(label, { exact: true });
  const save = () => section().getByRole('button', { name: 'Save' }).click();

  test('say what they cannot do', async () => {
    await page.goto('/settings');
    await section().getByText('Without power or internet these phones cannot call 112.').waitFor();
  });

  test('of an address that is not whole, the missing part is named under its field, and what was typed stays', async () => {
    await field('Street').fill('Damstraat');
    await field('House number').fill('12');
    await field('Postcode').fill('1012jm');
    await save();
    await section().getByText('This part of the address is missing.').waitFor();
    expect(await field('Town').getAttribute('aria-invalid')).toBe('true');
    expect(await field('Street').inputValue()).toBe('Damstraat');
    await field('Town').fill('Amsterdam');
    await field('Postcode').fill('12');
    await save();
    await section().getByText('This is not a postcode.').waitFor();
  });

  test('never test the way to help at an emergency number', async () => {
    await field('Postcode').fill('1012jm');
    await field('Number for a daily test').fill('112');
    await save();
    await section().getByText('This is an emergency number. Never test there.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('keep their address and test number, as the box writes them', async () => {
    await field('Number for a daily test').fill('+31 6 12345678');
    await save();
    await section().getByText('Saved').waitFor();
    await page.reload();
    await expect.poll(() => field('Postcode').inputValue()).toBe('1012 JM');
    expect(await field('Town').inputValue()).toBe('Amsterdam');
    expect(await field('Number for a daily test').inputValue()).toBe('06 12 34 56 78');
  });
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
