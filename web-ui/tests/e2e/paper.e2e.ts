/** Calls on paper: the download, and a provider's bill beside what the box wrote down. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, show, sidewaysScroll, type Browser, type Page } from './browser';
import { addPerson, handPassword, setUp } from './office';
import { Phone } from './phone';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, { language: 'en', theme: 'light', width: 1280 }));
  await setUp(page, box);
  await addPerson(page, 'Anna');
  await addPerson(page, 'Bram');
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

/** Gives the page a bill. */
async function give(text: string): Promise<void> {
  const file = { name: 'bill.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose the list' }).click(),
  ]);
  await chooser.setFiles(file);
}
const list = (name: RegExp) => page.getByRole('list', { name }).getByRole('listitem');

const BILL = [
  'Datum;Tijd;Gebeld nummer;Duur;Prijs (EUR)',
  '02-11-2026;10:00:00;+31612345678;0:03:10;0,1234',
  '02-11-2026;10:30:00;0906 1234567;600;9,00',
  '02-11-2026;11:00:00;020-7654321;60;0,02',
  '02-11-2026;11:30:00;06123456xx;60;0,02',
];

test('every call is downloaded, with when it was and how it ended', async () => {
  const byHand = async (number: string) => {
    const { username, password } = await handPassword(page, number);
    return Phone.registered({ number, username, password, port: box.sipPort });
  };
  const [anna, bram] = [await byHand('201'), await byHand('202')];
  await page.goto('/');
  await anna.call('202');
  await bram.rings();
  await bram.answer();
  await page.getByRole('list', { name: 'Calling now' }).getByText('In a call').waitFor();
  await anna.hangUp();
  await page.goto('/calls');
  await page.getByRole('main').getByRole('listitem').filter({ hasText: /Anna\s+to/ }).waitFor();
  await page.getByRole('button', { name: 'Download' }).click();
  const dialog = page.getByRole('dialog', { name: 'Download the calls' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('link', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('calls.csv');
  const [header = '', call = '', ...rest] = (await readFile(await download.path(), 'utf8')).split('\r\n');
  const cells = Object.fromEntries(header.replace('\ufeff', '').split(',').map((name, at) => [name, call.split(',')[at]]));
  expect(cells).toMatchObject({ sequence: '1', direction: 'internal', from: '201', to: '202', outcome: 'answered' });
  expect(cells).toMatchObject({ cause: 'caller-hung-up', class: 'internal', trunk: '', price_eur: '' });
  expect(cells['started']).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00$/);
  expect(cells['hash']).toMatch(/^[0-9a-f]{64}$/);
  expect(rest).toEqual(['']);
  await dialog.waitFor({ state: 'detached' });
});

test('a last day before the first is told, and nothing is downloaded', async () => {
  await page.getByRole('button', { name: 'Download' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('First day').fill('2026-11-30');
  await dialog.getByLabel('Last day').fill('2026-11-01');
  await dialog.getByText('The last day is before the first.').waitFor();
  expect(await dialog.getByRole('link').count()).toBe(0);
  await page.keyboard.press('Escape');
});

test('three calls on the bill that nobody made are three differences, and a line that cannot be read is named', async () => {
  await page.getByRole('link', { name: 'Compare with the bill' }).click();
  await page.getByRole('heading', { level: 1, name: 'Compare with the bill' }).waitFor();
  await give(BILL.join('\r\n'));
  await page.getByText('3 differences', { exact: true }).waitFor();
  expect(await list(/not made here/).count()).toBe(3);
  const first = list(/not made here/).filter({ hasText: '06 12 34 56 78' });
  await first.filter({ hasText: '02/11/2026 10:00' }).filter({ hasText: '€0.1234' }).filter({ hasText: 'line 2' }).waitFor();
  await list(/could not be read/).filter({ hasText: 'The number is missing or not complete' }).filter({ hasText: 'line 5' }).waitFor();
});

test('what is no bill is refused in words, and another file may be given at once', async () => {
  await give('hello');
  await page.getByText('We found no line that names the columns.').waitFor();
  expect(await page.getByText('3 differences').count()).toBe(0);
  await give(BILL.slice(0, 2).join('\n'));
  await page.getByText('1 difference', { exact: true }).waitFor();
  await give(BILL[0] ?? '');
  await page.getByText('There is no call on this list that can be compared.').waitFor();
});

test.each([
  ['nl', 'light', 1280],
  ['fr', 'dark', 390],
  ['en', 'light', 320],
] as const)('the differences in %s, %s, at %i px are readable for everybody', async (language, theme, width) => {
  await show(page, '/calls/bill', { language, theme, width });
  await page.locator('input[type=file]').setInputFiles({ name: 'bill.csv', mimeType: '', buffer: Buffer.from(BILL.join('\n')) });
  await page.locator('main li').nth(3).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  expect(await sidewaysScroll(page)).toBe(0);
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
