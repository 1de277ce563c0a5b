/** Phones appear, are taken into use and call; the page shows it while it happens. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { openBrowser, openPage, type Browser, type Page } from './browser';
import { DeskPhone } from './device';
import { addContact, addPerson, handPassword, saveProvider, setUp } from './office';
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

describe('a call between two phones', () => {
  let anna: Phone;
  let bram: Phone;
  const now = () => page.getByRole('list', { name: 'Calling now' }).getByRole('listitem');

  async function byHand(number: string): Promise<Phone> {
    const { username, password } = await handPassword(page, number);
    return Phone.registered({ number, username, password, port: box.sipPort });
  }

  test('people are ready as soon as their phones are', async () => {
    anna = await byHand('201');
    bram = await byHand('202');
    await page.goto('/people');
    await page.getByRole('link', { name: /Anna 201 Ready/ }).waitFor();
    await page.getByRole('link', { name: /Bram 202 Ready/ }).waitFor();
    await page.goto('/');
    await page.getByText('Nobody can call 112 from this office.').waitFor();
    await page.getByText('2 of 2 phones ready.').waitFor();
  });

  test('appears while it rings, is counted while they talk, and disappears', async () => {
    await page.getByText('Nobody is on the phone.').waitFor();
    await anna.call('202');
    await now().filter({ hasText: /Anna\s+to\s+Bram/ }).filter({ hasText: 'Rings' }).waitFor();
    await bram.rings();
    await bram.answer();
    await now().filter({ hasText: 'In a call' }).waitFor();
    await now().filter({ hasText: /0:0[1-9]/ }).waitFor();
    await anna.hangUp();
    await page.getByText('Nobody is on the phone.').waitFor();
  });

  test('is in the log of today, with how it ended', async () => {
    const today = page.getByRole('list', { name: 'Today' }).getByRole('listitem');
    await today.filter({ hasText: /Anna\s+to\s+Bram/ }).filter({ hasText: /Answered, \d+\ss/ }).waitFor();
    await page.goto('/calls');
    await page.getByRole('heading', { level: 2, name: 'Today' }).waitFor();
    await today.getByText(/Anna\s+to/).click();
    await today.getByText('Between colleagues', { exact: true }).waitFor();
  });

  test('can be ended on the page', async () => {
    await page.goto('/');
    await anna.call('202');
    await bram.rings();
    await bram.answer();
    await page.getByRole('button', { name: 'Actions for Anna to Bram' }).click();
    await page.getByRole('button', { name: 'End call' }).click();
    await page.getByText('Nobody is on the phone.').waitFor();
  });

  test('with a contact outside is in the log under the contact’s name', async () => {
    await addContact(page, 'Piet', 'De Molen', '06 12345678');
    expect(await anna.callInVain('0612345678')).toBeGreaterThanOrEqual(400);
    await page.goto('/calls');
    const log = page.getByRole('main').getByRole('listitem');
    await log.filter({ hasText: /Anna\s+to\s+Piet \(De Molen\)/ }).filter({ hasText: 'Could not be reached' }).waitFor();
  });

  test('for help is on top of every page for as long as it lasts', async () => {
    const provider = await Phone.unregistered({ number: 'office', username: 'office', password: '', port: box.sipPort });
    await page.goto('/settings/provider');
    await saveProvider(page, provider.address);
    await page.locator('#provider').getByText('Saved').waitFor();
    await anna.call('112');
    await provider.answer();
    for (const path of ['/', '/phones', '/people', '/people/201', '/calls', '/settings']) {
      await page.goto(path);
      await page.getByRole('alert').getByText(/Anna.* is calling 112/).waitFor();
    }
    await anna.hangUp();
    await page.getByText(/is calling 112/).waitFor({ state: 'detached' });
  });

  test('a phone that is switched off makes its person not reachable', async () => {
    await page.goto('/people');
    await bram.switchOff();
    await page.getByRole('link', { name: /Bram 202 Not reachable/ }).waitFor();
    await anna.switchOff();
  });
});

describe('a desk phone out of its box', () => {
  let desk: DeskPhone;
  let registered: Phone;
  const card = () => page.getByRole('article').filter({ hasText: 'Yealink T54W' });
  const row = () => page.getByRole('list', { name: 'Phones in use' }).getByRole('listitem').filter({ hasText: 'T54W' });

  test('that asks while nobody looks for phones gets nothing, and the card says why', async () => {
    desk = new DeskPhone('805ec0aabb01', 'T54W', box.bootstrapUrl);
    expect((await desk.ask()).status).toBe(404);
    await page.goto('/phones');
    await card().getByText('The box was not looking when this phone asked.').waitFor();
  });

  test('that asks while the box looks waits for somebody, and shows who it is', async () => {
    await page.getByRole('button', { name: 'Find new phones' }).click();
    await page.getByText('Looking for new phones.', { exact: true }).waitFor();
    expect((await desk.ask()).status).toBe(200);
    const waiting = await desk.ask();
    expect(desk.account(waiting, box.sipPort)).toBeUndefined();
    const shown = /Centrale (\d{4})/.exec(waiting.body)?.[1];
    await card().getByText(`Its screen shows “Centrale ${shown ?? ''}”.`).waitFor();
  });

  test('is given to someone new with one question, and is set up', async () => {
    await card().getByRole('button', { name: /^Use this phone/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Who sits here?' });
    await dialog.getByLabel('Someone new').check();
    await dialog.getByLabel('Name').fill('Els');
    expect(await dialog.getByLabel('Internal number').inputValue()).toBe('203');
    await dialog.getByRole('button', { name: 'Use this phone' }).click();
    await row().filter({ hasText: 'Els 203' }).filter({ hasText: 'Setting up' }).waitFor();
  });

  test('is ready once it has fetched its account and registered with it', async () => {
    const account = desk.account(await desk.ask(), box.sipPort);
    if (account === undefined) throw new Error('the phone got no account');
    expect(account).toMatchObject({ number: '203', username: '203-805ec0aabb01' });
    registered = await Phone.registered(account);
    await row().filter({ hasText: 'Ready' }).waitFor();
  });

  test('has all its settings, and fetches them again when it is told to', async () => {
    await row().getByText('It has all its settings.').waitFor();
    await row().getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('button', { name: 'Send the settings again' }).click();
    await page.getByRole('status').getByText('We ask the phone to fetch its settings.').waitFor();
    await row().getByText('It fetches its new settings now.').waitFor();
    expect((await desk.ask()).status).toBe(200);
    await row().getByText('It has all its settings.').waitFor();
  });

  test('with an old password after a restart is on Home with its name and room, and the button says how it goes', async () => {
    await row().getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('button', { name: 'Room' }).click();
    await page.getByLabel('Room or place').fill('Reception');
    await page.getByRole('button', { name: 'Save' }).click();
    await row().getByText('Reception').waitFor();
    await box.kill();
    await box.startAgain();
    const { password } = registered.becomes({ password: 'of last year' });
    await expect(registered.register()).rejects.toThrow('refused the registration');
    await page.goto('/');
    const sick = page.getByText('Els’s phone (Reception) still uses an old password.');
    await sick.waitFor();
    const told = registered.hears('NOTIFY');
    await page.getByRole('button', { name: 'Send it the new one' }).click();
    expect(await told).toContain('event: check-sync;reboot=false');
    expect((await desk.ask()).status).toBe(200);
    await page.getByText('It has all its settings.').waitFor();
    // Another time it is switched off by then.
    registered.isDeaf = true;
    await page.getByRole('button', { name: 'Send it the new one' }).click();
    await page.getByText('It could not be reached, so it has old settings.').waitFor({ timeout: 45_000 });
    registered.isDeaf = false;
    expect((await desk.ask()).status).toBe(200);
    registered.becomes({ password });
    await registered.register();
    await sick.waitFor({ state: 'detached' });
    await page.goto('/phones');
    await row().getByText('It has all its settings.').waitFor();
    // A box that starts looks for nobody.
    await page.getByRole('button', { name: 'Find new phones' }).click();
    await page.getByText('Looking for new phones.', { exact: true }).waitFor();
  }, 90_000);

  test('that was reset gets nothing until somebody says that it may be set up again', async () => {
    await page.getByRole('button', { name: 'Stop looking' }).click();
    await page.getByRole('button', { name: 'Find new phones' }).waitFor();
    desk.reset();
    expect((await desk.ask()).status).toBe(404);
    await row().getByText('This phone asks to be set up again.').waitFor();
    await row().getByRole('button', { name: /^Use it again/ }).click();
    await page.getByRole('status').getByText('Restart the phone now. It is set up when it asks again.').waitFor();
    await page.getByText('Looking for new phones.', { exact: true }).waitFor();
    await row().getByRole('button', { name: /^Use it again/ }).waitFor({ state: 'detached' });
  });

  test('of a model that the box does not know is shown as such, and is not offered', async () => {
    const unknown = new DeskPhone('805ec0aabb09', 'T99X', box.bootstrapUrl);
    expect((await unknown.ask()).status).toBe(404);
    const stranger = page.getByRole('article').filter({ hasText: 'T99X' });
    await stranger.getByText('We do not know this model yet.').waitFor();
    expect(await stranger.getByRole('button').count()).toBe(0);
    await stranger.getByRole('link', { name: 'Give it a number by hand' }).waitFor();
  });

  test('loses its access the moment it is removed', async () => {
    await row().getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove Yealink T54W' }).click();
    await row().waitFor({ state: 'detached' });
    await expect(registered.switchOff()).rejects.toThrow('refused the registration');
  });
});

describe('how phones find the box', () => {
  const section = () => page.getByRole('group').filter({ hasText: 'How phones find the box' }).first();
  const told = () => section().getByLabel('The box tells phones where it is');

  test('the texts for the router and for each make name the address that phones can ask', async () => {
    await page.goto('/phones');
    await page.getByText('How phones find the box').click();
    const value = (label: string) => section().locator('.copy', { hasText: label }).locator('code').first().innerText();
    expect(await value('Option 66')).toBe(`${box.bootstrapUrl}/`);
    expect(Buffer.from(await value('Option 43'), 'hex').toString('latin1')).toContain(`${box.bootstrapUrl}/`);
    expect(await value('Yealink, under')).toBe(`${box.bootstrapUrl}/`);
    expect(await value('Snom, under')).toBe(`${box.bootstrapUrl}/{mac}.xml`);
  });

  test('that the box tells them itself is off until it is switched on, and stays so', async () => {
    expect(await told().isChecked()).toBe(false);
    await told().check();
    await section().getByRole('status').getByText('Saved').waitFor();
    await page.reload();
    await page.getByText('How phones find the box').click();
    await expect.poll(() => told().isChecked()).toBe(true);
    await told().uncheck();
    await section().getByRole('status').getByText('Saved').waitFor();
  });
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
