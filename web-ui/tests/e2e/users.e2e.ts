/** Somebody is invited, comes in with the link, sees what belongs to the work, and is taken away again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, sidewaysScroll, type Browser, type Page } from './browser';
import { acceptRules, addPerson, prove, setUp } from './office';

const LOOK = { language: 'en', theme: 'light', width: 1280 } as const;

let box: Box;
let browser: Browser;
let owner: Page;
let guest: Page;
let wrong: string[];
let link: string;

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page: owner, wrong } = await openPage(browser, box.url, LOOK));
  await setUp(owner, box);
  await addPerson(owner, 'Anna');
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

const dialog = () => owner.getByRole('dialog');

test('an owner invites somebody with the own password, and is given the way in once', async () => {
  await owner.goto('/settings/access');
  await owner.getByRole('button', { name: 'Invite someone' }).click();
  await dialog().getByLabel('Name to log in with').fill('Rita');
  await dialog().getByRole('button', { name: 'Invite someone' }).click();
  await prove(owner);
  await dialog().getByText('The way in for Rita').waitFor();
  expect(await axeFindings(owner)).toEqual([]);
  link = await dialog().locator('.copy', { hasText: 'Link' }).locator('code').innerText();
  await dialog().getByRole('button', { name: 'Close' }).click();
  await owner.locator('#users').getByText('invited, not here yet').waitFor();
});

test('who has the link chooses a password and sees what belongs to reception', async () => {
  const opened = await openPage(browser, box.url, LOOK);
  guest = opened.page;
  wrong = [...wrong, ...opened.wrong];
  await guest.goto('/');
  await guest.getByRole('button', { name: 'Log in' }).waitFor();
  // In a tab that shows the page already.
  await guest.evaluate((to) => {
    window.location.href = to;
  }, link);
  await guest.getByLabel('Choose a password', { exact: true }).fill('vier kleine rode vinken');
  expect(await axeFindings(guest)).toEqual([]);
  await guest.getByRole('button', { name: 'Log in' }).click();
  await acceptRules(guest);
  await guest.goto('/settings/access');
  await guest.getByText('Logged in now').waitFor();
  expect(await guest.locator('#users').count()).toBe(0);
  expect(await guest.getByRole('link', { name: 'Provider', exact: true }).count()).toBe(0);
  await guest.goto('/settings/provider');
  await guest.getByRole('heading', { name: 'Provider', level: 1 }).waitFor();
  expect(await guest.locator('#provider').count()).toBe(0);
  await guest.goto('/people');
  await guest.getByRole('main').getByText('Anna').first().waitFor();
  expect(await guest.getByRole('button', { name: 'Add a person' }).count()).toBe(0);
  expect(await guest.getByRole('button', { name: 'Add a contact' }).count()).toBe(1);
});

test('the owner sees both, reads in the log who came, and takes the guest away at once', async () => {
  await owner.goto('/settings/access');
  await owner.locator('#users').getByText('Rita').waitFor();
  expect(await owner.locator('#users').getByText('invited, not here yet').count()).toBe(0);
  await owner.setViewportSize({ width: 320, height: 844 });
  expect(await sidewaysScroll(owner)).toBe(0);
  await owner.setViewportSize({ width: 1280, height: 844 });
  await owner.getByRole('button', { name: 'What to do with Rita' }).click();
  await owner.getByRole('button', { name: 'Take away' }).click();
  await dialog().getByRole('button', { name: 'Take away' }).click();
  await prove(owner);
  await owner.locator('#users').getByText('Rita').waitFor({ state: 'detached' });
  await guest.getByRole('button', { name: 'Log in' }).waitFor();
  expect(wrong).toEqual([]);
});
