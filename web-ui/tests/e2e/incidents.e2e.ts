/** What was tried against the office: a scanner and a call that is not allowed become stories, and a report that can be handed on. */
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, show, sidewaysScroll, type Browser, type Page } from './browser';
import { addPerson, setUp } from './office';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

const SCAN = [
  'OPTIONS sip:100@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/UDP 1.1.1.1;branch=z9hG4bK-1',
  'From: <sip:100@1.1.1.1>;tag=1',
  'To: <sip:100@1.1.1.1>',
  'Call-ID: 123456789',
  'CSeq: 1 OPTIONS',
  'User-Agent: friendly-scanner',
  '',
  '',
].join('\r\n');

async function scan(): Promise<void> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  await new Promise((sent) => {
    socket.send(SCAN, box.sipPort, '127.0.0.1', sent);
  });
  socket.close();
}

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, { language: 'en', theme: 'light', width: 1280 }));
  await setUp(page, box);
  await addPerson(page, 'Anna');
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

describe('what was tried', () => {
  const story = () => page.locator('details').first();

  test('is nothing on a new box, which says what will be here', async () => {
    await page.goto('/settings/protection');
    await page.getByRole('link', { name: 'What was tried, and by whom' }).click();
    await page.getByText('Nothing was tried yet.').waitFor();
  });

  test('by a scanner is a story as soon as it came: who, what, what the box did, and that it did not get in', async () => {
    await scan();
    await page.getByText('Did not get in').waitFor();
    await story().locator('summary').click();
    await story().getByText('A device in the office, 127.0.0.1').waitFor();
    await story().getByText('Kept out: nothing is heard from there').waitFor();
    await story().getByText('From 127.0.0.1').waitFor();
    await story().getByText('Find this device in the office.').waitFor();
  });

  test('can be handed on as a report to print', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      story().getByRole('link', { name: 'Report to print' }).click(),
    ]);
    expect((await readFile(await download.path())).subarray(0, 8).toString()).toBe('%PDF-1.4');
  });

  test.each([
    { language: 'nl', theme: 'dark', width: 320 },
    { language: 'fr', theme: 'light', width: 390 },
    { language: 'en', theme: 'light', width: 1280 },
  ] as const)('can be read by everybody, in %o', async (look) => {
    await show(page, '/settings/incidents', look);
    await story().locator('summary').click();
    await story().locator('h2').first().waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  });

  test('is shown without anything going wrong in the page', () => {
    expect(wrong).toEqual([]);
  });
});
