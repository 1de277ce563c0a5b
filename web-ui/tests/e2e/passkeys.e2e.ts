/** A passkey: made with a device that the browser plays, used to log in and to raise a limit, and refused once it is removed. */
import { createHash, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, type Browser, type Page } from './browser';
import { PASSWORD, proofDialog, prove, setUp, typeProof } from './office';

const LOOK = { language: 'en', theme: 'light', width: 1280 } as const;

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];
/** The page at the box's name, where passkeys work. */
let named: string;

/** What a computer knows that was taught the box's authority: that this key is the box's. A browser lets no passkey work where it
 * warns. */
async function keyOf(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const key = new X509Certificate(socket.getPeerCertificate().raw).publicKey.export({ type: 'spki', format: 'der' });
  socket.destroy();
  return createHash('sha256').update(key).digest('base64');
}

beforeAll(async () => {
  box = await startBox();
  named = `https://centrale.local:${new URL(box.url).port}`;
  browser = await openBrowser([
    '--host-resolver-rules=MAP centrale.local 127.0.0.1',
    `--ignore-certificate-errors-spki-list=${await keyOf(box.url)}`,
  ]);
  ({ page, wrong } = await openPage(browser, named, LOOK, { trusted: true }));
  await setUp(page, box);
  const device = await page.context().newCDPSession(page);
  await device.send('WebAuthn.enable');
  await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

const dialog = () => page.getByRole('dialog');
const section = () => page.locator('#passkeys');

async function logOut(): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: 'Log out' }).first().click();
  await page.getByRole('button', { name: 'Log in with a passkey' }).waitFor();
}

test('at an address in numbers the page says that none works, and which address to use', async () => {
  const other = await openPage(browser, box.url, LOOK);
  await other.page.goto('/');
  await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  expect(await other.page.getByRole('button', { name: 'Log in with a passkey' }).count()).toBe(0);
  await other.page.getByRole('button', { name: 'Log in' }).click();
  await other.page.getByRole('navigation').first().waitFor();
  await other.page.goto('/settings/access');
  await other.page.locator('#passkeys').getByText(`Open ${named}/ instead.`).waitFor();
  expect(await other.page.locator('#passkeys').getByRole('button', { name: 'Add a passkey' }).count()).toBe(0);
  await other.page.context().close();
});

/** The password, and the passkey that is asked for then. */
async function proveWithPasskey(): Promise<void> {
  await typeProof(page);
  await proofDialog(page).getByRole('button', { name: 'Use your passkey' }).click();
  await proofDialog(page).waitFor({ state: 'detached' });
}

test('is made with the password and the device, and gives codes for a day without it', async () => {
  await page.goto('/settings/access');
  await section().getByText('You have no passkey yet.').waitFor();
  await section().getByRole('button', { name: 'Add a passkey' }).click();
  await dialog().getByLabel('What do you call it?').fill('My laptop');
  expect(await axeFindings(page)).toEqual([]);
  await dialog().getByRole('button', { name: 'Next' }).click();
  await prove(page);
  await dialog().getByText('You see them only now.').waitFor();
  await dialog().getByRole('button', { name: 'I have them' }).click();
  await section().getByText('My laptop').waitFor();
  expect(await axeFindings(page)).toEqual([]);
});

test('lets in alone, without a name or a password', async () => {
  await logOut();
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.getByRole('navigation').first().waitFor();
  await page.goto('/settings/access');
  await section().getByText('last used').waitFor();
});

test('is asked for after the password, before a limit is raised, and is enough once it is a day old', async () => {
  await box.hasHadSecondSteps();
  await page.goto('/costs');
  await page.getByRole('button', { name: 'Raise: Everyone in a night' }).click();
  await dialog().getByLabel('New limit in euro').fill('25');
  await dialog().getByRole('button', { name: 'Raise the limit' }).click();
  await proveWithPasskey();
  await dialog().waitFor({ state: 'detached' });
});

test('is enough as well before all passwords of the telephones are changed', async () => {
  await page.goto('/settings/protection');
  const secrets = page.locator('#secrets');
  await secrets.getByRole('button', { name: 'Change all passwords' }).click();
  await proveWithPasskey();
  await secrets.getByText('Done. Telephones that fetch a new password: 0.').waitFor();
});

test('the password alone lets nobody in who has one', async () => {
  await logOut();
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByLabel('Code from the app').waitFor();
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.getByRole('navigation').first().waitFor();
});

test('is removed with itself, and opens nothing after that', async () => {
  await page.goto('/settings/access');
  await section().getByRole('button', { name: 'Remove: My laptop' }).click();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await proveWithPasskey();
  await section().getByText('You have no passkey yet.').waitFor();
  await logOut();
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.getByText('This passkey opens nothing here.').waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
