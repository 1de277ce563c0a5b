/** What is in a phone's place and what the office manager does with it: a phone that is too old, handsets of a base,
 * expansion modules, another phone in its place; and the way back to how the office was. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, show, sidewaysScroll, type Browser, type Look, type Page } from './browser';
import { DeskPhone, type Fetched } from './device';
import { addPerson, prove, setUp } from './office';
import { Phone } from './phone';

const DESK: Look = { language: 'en', theme: 'light', width: 1280 };
const NARROW: Look[] = [
  { language: 'fr', theme: 'dark', width: 320 },
  { language: 'nl', theme: 'light', width: 390 },
];
/** People of the office, 201 and up: one more than a base has handsets, and one. */
const PEOPLE = 10;

/** A picture. */
const ONE_RED_PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mM4wcAAAAJcAMl9NcHqAAAAAElFTkSuQmCC';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, DESK));
  await setUp(page, box);
  for (let number = 1; number <= PEOPLE; number += 1) await addPerson(page, `Person ${String(number)}`);
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

const card = (model: string) => page.getByRole('article').filter({ hasText: model });
const row = (model: string) =>
  page.getByRole('list', { name: 'Phones in use' }).getByRole('listitem').filter({ hasText: model });
const dialog = () => page.getByRole('dialog');

async function act(model: string, action: string): Promise<void> {
  await row(model).getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('button', { name: action, exact: true }).click();
}

async function look(): Promise<void> {
  await page.goto('/phones');
  const stop = page.getByRole('button', { name: 'Stop looking' });
  const find = page.getByRole('button', { name: 'Find new phones' });
  await stop.or(find).waitFor();
  if (await stop.isVisible()) await stop.click();
  await find.click();
  await stop.waitFor();
}

/** A phone that was found and waits for somebody's word. */
async function found(mac: string, model: string): Promise<DeskPhone> {
  const desk = new DeskPhone(mac, model, box.bootstrapUrl);
  await look();
  expect((await desk.ask()).status).toBe(200);
  expect((await desk.ask()).status).toBe(200);
  await card(model).waitFor();
  return desk;
}

/** The same, given to somebody, with the file that it got. */
async function setUpFor(mac: string, model: string, person: string): Promise<[DeskPhone, Fetched]> {
  const desk = await found(mac, model);
  await card(model).getByRole('button', { name: /^Use this phone/ }).click();
  await dialog().getByLabel(person).check();
  await dialog().getByRole('button', { name: 'Use this phone' }).click();
  await row(model).waitFor();
  const file = await desk.ask();
  expect(file.body).toContain('account.1.password');
  return [desk, file];
}

/** The open view has nothing that axe finds and fits small screens in other languages; then back to where we were. */
async function fits(open: () => Promise<void>, path: string): Promise<void> {
  for (const small of NARROW) {
    await show(page, path, small);
    await open();
    expect(await axeFindings(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  }
  await show(page, path, DESK);
}

/** Opens the dialog that is the `nth` action of a phone, in whatever language. */
const openDialog = (model: string, icon: string) => async () => {
  await page.getByRole('listitem').filter({ hasText: model }).locator('button[popovertarget]').click();
  await page.locator(`[popover]:popover-open button:has(use[href$="#${icon}"])`).first().click();
  await dialog().waitFor();
};

describe('the handsets of a base', () => {
  let base: DeskPhone;
  const accounts = async () => (await base.ask()).body.match(/^account\.\d\.enable = 1$/gm)?.length;
  const add = async (person: string, model = 'I do not know') => {
    await dialog().getByLabel('Who gets it?').selectOption({ label: person });
    await dialog().getByLabel('Model of the handset').selectOption({ label: model });
    await dialog().getByRole('button', { name: 'Add' }).click();
  };

  test('are listed with who has them, and another is added', async () => {
    [base] = await setUpFor('805ec0aabb60', 'W60B', 'Person 1 201');
    await row('W60B').getByText('1 of 8 handsets').waitFor();
    await act('W60B', 'Handsets');
    await add('Person 3 · 203', 'W56H');
    await dialog().getByRole('listitem').filter({ hasText: /Person 3 203\s*W56H/ }).waitFor();
    await row('W60B').getByText('2 of 8 handsets').waitFor();
    expect(await accounts()).toBe(2);
  });

  test('are eight, and the ninth is refused in words', async () => {
    for (const number of [2, 4, 5, 6, 7, 8]) {
      await add(`Person ${String(number)} · 20${String(number)}`);
      await dialog().getByRole('listitem').filter({ hasText: `Person ${String(number)} ` }).waitFor();
    }
    await dialog().getByText('This base has all of its 8 handsets.').waitFor();
    expect(await dialog().getByRole('button', { name: 'Add' }).count()).toBe(0);
    expect(await accounts()).toBe(8);
    await fits(openDialog('W60B', 'mobile'), '/phones');
  });

  test('go one by one, and the last only with the base', async () => {
    await act('W60B', 'Handsets');
    for (const number of [8, 7, 6, 5, 4, 3, 2]) {
      await dialog().getByRole('button', { name: `Remove: Person ${String(number)}` }).click();
      await dialog().getByRole('listitem').filter({ hasText: `Person ${String(number)} ` }).waitFor({ state: 'detached' });
    }
    await dialog().getByRole('button', { name: 'Remove: Person 1' }).click();
    await dialog().getByText('This is the last handset of the base. Remove the base instead.').waitFor();
    await page.keyboard.press('Escape');
    await row('W60B').getByText('1 of 8 handsets').waitFor();
    expect(await accounts()).toBe(1);
  });
});

describe('expansion modules', () => {
  test('are set on the page, as many as the phone carries, and it is told', async () => {
    const [desk] = await setUpFor('805ec0aabb54', 'T54W', 'Person 2 202');
    await row('T54W').getByText('It has all its settings.').waitFor();
    await act('T54W', 'Expansion modules');
    const count = dialog().getByLabel('How many are plugged in?');
    expect(await count.locator('option').allInnerTexts()).toEqual(['0', '1', '2', '3']);
    await count.selectOption('2');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await row('T54W').getByText('2 expansion modules').waitFor();
    await desk.ask();
    await row('T54W').getByText('It has all its settings.').waitFor();
    await fits(openDialog('T54W', 'plus'), '/phones');
  });

  test('are not asked about on a phone that carries none', async () => {
    await row('W60B').getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('button', { name: 'Handsets' }).waitFor();
    expect(await page.getByRole('button', { name: 'Expansion modules' }).isVisible()).toBe(false);
    await page.keyboard.press('Escape');
  });
});

describe('another phone in the place of one', () => {
  test('gets its person and its keys, and the old one is dead at once', async () => {
    const [old, file] = await setUpFor('805ec0aabb57', 'T57W', 'Person 9 209');
    const account = old.account(file, box.sipPort);
    if (account === undefined) throw new Error('the phone got no account');
    const registered = await Phone.registered(account);
    await row('T57W').filter({ hasText: 'Ready' }).waitFor();
    const fresh = await found('805ec0aabb53', 'T53');
    await fits(openDialog('T57W', 'phone'), '/phones');
    await act('T57W', 'Replace');
    await dialog().getByLabel(/T53/).check();
    await dialog().getByRole('button', { name: 'Replace the phone' }).click();
    await row('T57W').waitFor({ state: 'detached' });
    await row('T53').filter({ hasText: 'Person 9 209' }).filter({ hasText: 'Setting up' }).waitFor();
    await expect(registered.switchOff()).rejects.toThrow('refused the registration');
    expect((await old.ask()).status).toBe(404);

    const replaced = await fresh.ask();
    expect(fresh.account(replaced, box.sipPort)).toMatchObject({ number: '209', username: '209-805ec0aabb53' });
    // A T57W has 29 keys, a T53 has 21.
    expect(file.body).toMatch(/^linekey\.29\.type/m);
    expect(replaced.body).toMatch(/^linekey\.21\.type/m);
    expect(replaced.body).not.toMatch(/^linekey\.22\.type/m);
  });

  test('is asked for when none was found, and a base takes no desk phone’s place', async () => {
    await act('T53', 'Replace');
    await page.getByText('No new phone was found yet.').waitFor();
    await page.keyboard.press('Escape');
    await found('805ec0aabb61', 'W60B');
    await act('T53', 'Replace');
    await dialog().getByLabel(/W60B/).check();
    await dialog().getByRole('button', { name: 'Replace the phone' }).click();
    await dialog().getByText('A base can only be replaced by a base').waitFor();
    await page.keyboard.press('Escape');
  });
});

describe('a phone whose software is too old for a safe connection', () => {
  let old: DeskPhone;
  const allow = () => card('T46G').getByLabel('Allow set-up without encryption');

  test('is shown with the reason, while it tries', async () => {
    await look();
    old = new DeskPhone('805ec0aabb01', 'T46G', box.bootstrapUrl, true);
    expect((await old.ask()).status).toBe(200);
    expect(old.folder).toMatch(/^https:/);
    await expect(old.ask()).rejects.toThrow();
    await card('T46G').getByText('This phone is too old for a safe connection').waitFor();
    expect(await allow().isChecked()).toBe(false);
  });

  test('may come without encryption once somebody allows it, and then is told to', async () => {
    await allow().check();
    await card('T46G').getByRole('status').getByText('Restart the phone now.').waitFor();
    await fits(async () => page.getByRole('article').first().waitFor(), '/phones');
    await look();
    old.reset();
    expect((await old.ask()).status).toBe(200);
    expect(old.folder).toMatch(/^http:/);
    await page.goto('/');
    await page.getByText('travel over the network unprotected').waitFor();
  });

  test('must not any more when that is taken back', async () => {
    await page.goto('/phones');
    await expect.poll(() => allow().isChecked()).toBe(true);
    await allow().uncheck();
    await page.goto('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('travel over the network unprotected').waitFor({ state: 'detached' });
    await look();
    old.reset();
    expect((await old.ask()).status).toBe(200);
    expect(old.folder).toMatch(/^https:/);
  });
});

describe('the changes of the office', () => {
  const section = () => page.locator('#changes');
  const entries = () => section().getByRole('listitem');

  test('are listed with who, when and what, newest first', async () => {
    await page.goto('/people/210');
    await page.getByRole('button', { name: 'Remove Person 10' }).click();
    await dialog().getByRole('button', { name: 'Remove Person 10' }).click();
    await page.waitForURL('**/people');
    await page.goto('/settings/changes');
    const newest = entries().first();
    await newest.getByText('Removed: person Person 10 (210)').waitFor();
    await newest.getByText(/\d\d:\d\d · On this page/).waitFor();
    await newest.getByText('This is how it is now').waitFor();
    await entries().nth(1).getByText('Removed: phone T57W · Person 9').waitFor();
    await entries().nth(1).getByText('Added: phone T53 · Person 9').waitFor();
    expect(await entries().count()).toBe(5);
    await section().getByRole('button', { name: 'Show older changes' }).click();
    await expect.poll(() => entries().count()).toBe(10);
  });

  test('are undone by going back, which is a change itself', async () => {
    await fits(async () => page.locator('#changes li').first().waitFor(), '/settings/changes');
    await entries().nth(1).getByRole('button', { name: /^Go back to this/ }).click();
    await dialog().getByRole('button', { name: 'Go back', exact: true }).click();
    await prove(page);
    await section().getByRole('status').getByText('Done. The office is as it was then.').waitFor();
    await entries().first().getByText('Added: person Person 10 (210)').waitFor();
    await page.goto('/people');
    await page.getByRole('link', { name: /Person 10 210/ }).waitFor();
  });
});

describe('the logo on the phones', () => {
  const section = () => page.locator('#logo');
  const choose = (name: string, mimeType: string, base64: string) =>
    section().locator('input[type=file]').setInputFiles({ name, mimeType, buffer: Buffer.from(base64, 'base64') });
  const preview = () => section().getByRole('img', { name: 'The logo as you chose it' });
  let desk: DeskPhone;

  test('is chosen on the page, seen there, and fetched by a phone with a colour screen', async () => {
    [desk] = await setUpFor('805ec0aabb46', 'T46S', 'Person 3 203');
    await page.goto('/settings');
    await section().getByRole('button', { name: 'Choose a picture' }).waitFor();
    await choose('logo.png', 'image/png', ONE_RED_PIXEL);
    await section().getByText('Saved').waitFor();
    await preview().waitFor();
    await expect.poll(() => preview().evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
    const picture = await desk.follow(await desk.ask(), 'wallpaper_upload.url');
    expect(picture.status).toBe(200);
    expect(picture.body).toContain('PNG');
  });

  test('that cannot be read is refused in words, and the one before stays', async () => {
    await choose('logo.txt', 'image/png', 'bm8gcGljdHVyZQ==');
    await section().getByText('This file is not a picture that we can read.').waitFor();
    await preview().waitFor();
    await fits(async () => section().locator('img').waitFor(), '/settings');
  });

  test('is taken off again, on the page and on the phone', async () => {
    await section().getByRole('button', { name: 'Take the logo off' }).click();
    await preview().waitFor({ state: 'detached' });
    expect((await desk.ask()).body).toContain('wallpaper_upload.url = %NULL%');
  });
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
