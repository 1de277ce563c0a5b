/** A provider's price list: chosen, read, refused by line, kept over a power cut, taken away. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, show, sidewaysScroll, type Browser, type Page } from './browser';
import { addPerson, prove, saveProvider, setUp } from './office';

const GOOD = 'prefix;bestemming;prijs per minuut;notitie\n31;Nederland;0,0121;\n316;Mobiel;0,05;\n49;Duitsland;0,02;\n';
const WRONG = 'prefix;price\n31;0,01\n49;cheap\nx;0,01\n31;0,02\n';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, { language: 'en', theme: 'light', width: 1280 }));
  await setUp(page, box);
  await addPerson(page, 'Anna');
  await page.goto('/settings/provider');
  await saveProvider(page, '127.0.0.1:9');
  await page.locator('#provider').getByText('More', { exact: true }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

const prices = () => page.getByRole('list', { name: 'Prices of your provider' });
const dialog = () => page.getByRole('dialog', { name: /^Price list of / });
const give = (text: string) =>
  dialog().locator('input[type=file]').setInputFiles({ name: 'prices.csv', mimeType: '', buffer: Buffer.from(text) });

test('without a list the page says what is reckoned instead', async () => {
  await page.goto('/costs');
  await prices().getByText('There is no price list yet.').waitFor();
  await page.getByText('Without a list it takes the highest usual price.').waitFor();
});

test('of a wrong list each line is named with what is wrong, and nothing is taken', async () => {
  await prices().getByRole('button', { name: /^Choose a price list/ }).click();
  await give(WRONG);
  await dialog().getByText('We took nothing from this list.').waitFor();
  expect(await dialog().getByRole('listitem').allInnerTexts()).toEqual([
    'Line 3: This is not a price. It looks like 0.0121.',
    'Line 4: This is not the beginning of a number. It looks like +31 or 0900.',
    'Line 5: This beginning of a number was there before. Leave one of them out.',
  ]);
  expect(await axeFindings(page)).toEqual([]);
});

test('a day that is too long ago is refused under its field', async () => {
  const today = await dialog().getByLabel('These prices count from').inputValue();
  await dialog().getByLabel('These prices count from').fill('2020-01-01');
  await give(GOOD);
  await dialog().getByText('This is too long ago. Fetch the newest list from your provider.').waitFor();
  await dialog().getByLabel('These prices count from').fill(today);
});

test('a right one says what was read of it, and is there after a power cut', async () => {
  await dialog().getByLabel('VAT').selectOption({ label: 'VAT is in the prices' });
  await give(GOOD);
  await prove(page);
  await dialog().waitFor({ state: 'detached' });
  const read = async () => {
    await prices().getByText(/3 prices in euro, VAT was in it\.\s+Counts from \d\d\/\d\d\/20\d\d to \d\d\/\d\d\/20\d\d\./).waitFor();
    await prices().getByText('We did not need these columns: notitie.').waitFor();
    expect(await prices().locator('dd').allInnerTexts()).toEqual([
      'With a price',
      'With a price',
      'Without a price',
      'Without a price',
      '1 country with a price',
    ]);
  };
  await read();
  await box.kill();
  await box.startAgain();
  await page.goto('/costs');
  await read();
});

test.each([
  ['nl', 'dark', 320],
  ['fr', 'light', 390],
  ['en', 'light', 1280],
] as const)('the prices are readable for everybody in %s, %s, at %i px', async (language, theme, width) => {
  await show(page, '/costs', { language, theme, width });
  await page.locator('main dl.small').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  expect(await sidewaysScroll(page)).toBe(0);
});

test('a list is taken away after a question', async () => {
  await prices().getByRole('button', { name: /^Take the list away/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take the list away' }).click();
  await prove(page);
  await prices().getByText('There is no price list yet.').waitFor();
  await page.reload();
  await prices().getByText('There is no price list yet.').waitFor();
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
