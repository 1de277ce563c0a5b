/** A code beside the password: switched on, asked for, and done without when the phone is lost. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, type Browser, type Page } from './browser';
import { PASSWORD, proofDialog, prove, setUp, typeProof } from './office';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];
/** What the app was given, and the half minute whose code it showed first. */
let secret: Buffer;
let step: number;
let recovery: string[];
let password = PASSWORD;

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, { language: 'en', theme: 'light', width: 1280 }));
  await setUp(page, box);
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

/** RFC 4648 6. */
function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'));
  return Buffer.from(bits.join('').match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}

/** What an authenticator app shows in a half minute (RFC 6238). */
function code(at: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(at));
  const tag = createHmac('sha1', secret).update(counter).digest();
  const word = tag.readUInt32BE((tag.at(-1) ?? 0) & 0xf) & 0x7f_ff_ff_ff;
  return String(word % 1_000_000).padStart(6, '0');
}

/** Logs out, and gives the password of who has a second step. */
async function logInUntilTheCode(): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Log out' }).first().click();
  await page.getByLabel('Password', { exact: true }).fill(password);
  expect(await codeField().count()).toBe(0);
  await page.getByRole('button', { name: 'Log in' }).click();
  await codeField().waitFor();
}

/** Shows who asks with the password, and then with a code. */
async function proveWith(code: string | undefined): Promise<void> {
  await typeProof(page, password);
  await codeField().fill(code ?? '');
  await proofDialog(page).getByRole('button', { name: 'Go on' }).click();
  await proofDialog(page).waitFor({ state: 'detached' });
}

const codeField = () => page.getByLabel('Code from the app');
const dialog = () => page.getByRole('dialog');
const value = (label: string) => dialog().locator('.copy', { hasText: label }).locator('code').innerText();

test('is off on a new box, and switched on with the password and what the app shows', async () => {
  await page.goto('/settings/access');
  await page.locator('#factor').getByText('You log in with your password only.').waitFor();
  await page.locator('#factor').getByRole('button', { name: 'Switch on' }).click();
  await dialog().getByRole('button', { name: 'Next' }).click();
  await prove(page);
  await dialog().getByRole('img', { name: 'Code to scan with the app' }).waitFor();
  secret = fromBase32(await value('Or type this into the app'));
  expect(secret.length).toBe(20);
  expect(await axeFindings(page)).toEqual([]);
  step = Math.floor(Date.now() / 30_000);
  await codeField().fill(code(step));
  await dialog().getByRole('button', { name: 'Switch on' }).click();
  await dialog().getByText('You see them only now.').waitFor();
  recovery = (await value('Recovery codes')).split(' ');
  expect(recovery.length).toBe(10);
  expect(await axeFindings(page)).toEqual([]);
  await dialog().getByRole('button', { name: 'I have them' }).click();
  await page.locator('#factor').getByText('10 recovery codes are left.').waitFor();
});

test('is asked for after the right password, and the next code lets in', async () => {
  await logInUntilTheCode();
  expect(await codeField().evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await axeFindings(page)).toEqual([]);
  await codeField().fill(code(step));
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('This code is wrong or was used already.').waitFor();
  // Good already: the box takes the code of a clock that is half a minute ahead.
  await codeField().fill(code(step + 1));
  // After a wrong one the box asks for a second of patience.
  await expect
    .poll(async () => {
      await page.getByRole('button', { name: 'Log in' }).click({ timeout: 1000 }).catch(() => undefined);
      return page.getByRole('navigation').first().isVisible();
    })
    .toBe(true);
});

test('is asked for before a limit is raised, for as long as was said, and a recovery code will do', async () => {
  await page.goto('/costs');
  await page.getByRole('button', { name: 'Raise: Everyone in a night' }).click();
  await dialog().getByLabel('New limit in euro').fill('25');
  await dialog().getByLabel('For how long?').selectOption({ label: 'One day' });
  const raise = () => dialog().getByRole('button', { name: 'Raise the limit' }).click();
  await raise();
  await proveWith(recovery[5]);
  await dialog().getByText('Your code or passkey was set up less than a day ago.').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await box.hasHadSecondSteps();
  await page.reload();
  await page.getByRole('button', { name: 'Raise: Everyone in a night' }).click();
  await dialog().getByLabel('New limit in euro').fill('25');
  await dialog().getByLabel('For how long?').selectOption({ label: 'One day' });
  await raise();
  await proveWith(recovery[0]);
  await dialog().waitFor({ state: 'detached' });
  const night = page.getByRole('listitem').filter({ hasText: 'Everyone in a night' });
  await night.getByText('€0.00 of €25.00').waitFor();
  await night.getByText(/Raised until \d\d\/\d\d\/20\d\d \d\d:\d\d\. Then it is €10\.00 again\./).waitFor();
});

test('is not passed by with a one-time code for another password', async () => {
  await page.goto('/settings/access');
  await page.locator('#users').getByRole('button', { name: 'What to do with admin' }).click();
  await page.getByRole('button', { name: 'New code for another password' }).click();
  await dialog().getByRole('button', { name: 'Make the code' }).click();
  await proveWith(recovery[4]);
  const link = await value('Link');
  await page.goto('/');
  await page.getByRole('button', { name: 'Log out' }).first().click();
  await page.getByLabel('Password', { exact: true }).waitFor();
  await page.goto('about:blank');
  await page.goto(link);
  password = 'five large red birds';
  await page.getByLabel('Choose a password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('With your name and your own password.').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await codeField().fill(recovery[3] ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation').first().waitFor();
});

test('lets in with a recovery code when the phone is lost, and is switched off with another', async () => {
  await logInUntilTheCode();
  await codeField().fill(recovery[1]?.toLowerCase() ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation').first().waitFor();
  await page.goto('/settings/access');
  await page.locator('#factor').getByText('5 recovery codes are left.').waitFor();
  await page.locator('#factor').getByRole('button', { name: 'Switch off' }).click();
  await dialog().getByRole('button', { name: 'Switch off' }).click();
  await proveWith(recovery[2]);
  await page.locator('#factor').getByText('You log in with your password only.').waitFor();
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
