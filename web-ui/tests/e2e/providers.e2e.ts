/** Several providers: added, put in order, filled in to the last detail, named where they fail, and removed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, show, sidewaysScroll, type Browser, type Page } from './browser';
import { addPerson, handPassword, prove, saveProvider, setUp } from './office';
import { Phone } from './phone';

const LOOK = { language: 'en', theme: 'light', width: 1280 } as const;

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, LOOK));
  await setUp(page, box);
  await addPerson(page, 'Anna');
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

const section = () => page.locator('#provider');
const row = (name: string) => section().getByRole('article', { name, exact: true });
const names = () => section().getByRole('heading', { level: 3 }).allInnerTexts();
const change = (name: string) => section().getByRole('button', { name: `Change: ${name}` }).click();

describe('a second provider', () => {
  test('is added beside the first, with what it publishes of itself', async () => {
    await page.goto('/settings/provider');
    // The answer comes when the page knows the provider already: its row still says that it is saved.
    await page.route('**/api/v1/trunks/*', async (route) => {
      const response = await route.fetch();
      if (response.ok()) await section().getByRole('button', { name: 'Remove this provider' }).waitFor();
      await route.fulfill({ response });
    });
    await saveProvider(page, '127.0.0.1:9');
    await section().getByText('Saved').waitFor();
    await page.unroute('**/api/v1/trunks/*');
    await section().getByRole('button', { name: 'Add a provider' }).click();
    const form = row('A new provider');
    expect(await form.getByLabel('What you call it').inputValue()).toBe('Provider no. 2');
    await form.getByLabel('Which provider?').selectOption('OVHcloud');
    expect(await form.getByLabel('What you call it').inputValue()).toBe('OVHcloud');
    await form.getByLabel('Address of the provider').fill('127.0.0.1:7');
    await form.getByLabel('User name').fill('second');
    await form.getByLabel('Password', { exact: true }).fill('secret of the second');
    await form.getByLabel('Your numbers').fill('020 123 45 68');

    await form.getByLabel('What you call it').fill('Provider');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Another provider has this name.').waitFor();
    await form.getByLabel('What you call it').fill('Cheap & cheerful');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('This name has letters, digits, spaces').waitFor();
    await form.getByLabel('What you call it').fill('Second');
    await form.getByRole('button', { name: 'Save' }).click();
    await prove(page);
    await row('Second').getByText('Saved').waitFor();
    await row('Second').getByText('Asked second').waitFor();
    await row('Provider').getByText('Asked first').waitFor();
    expect(await row('Provider').getByLabel('User name').inputValue()).toBe('office');
  });

  test('speaks as its preset says', async () => {
    await row('Second').getByText('More', { exact: true }).click();
    expect(await row('Second').getByLabel('How the provider wants numbers written').inputValue()).toBe('00');
    await row('Second').getByText('Technical details', { exact: true }).click();
    expect(await row('Second').getByLabel('Where the provider reads who calls').inputValue()).toBe('from');
    expect(await row('Second').getByLabel('Kinds of sound').inputValue()).toBe('PCMA, PCMU');
  });

  test.each([320, 390, 1280])('with everything opened is readable at %i px', async (width) => {
    await page.setViewportSize({ width, height: 844 });
    expect(await axeFindings(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  });

  test.each(['nl', 'fr'] as const)('is readable in %s on a small screen', async (language) => {
    await show(page, '/settings/provider', { ...LOOK, language, width: 320 });
    await section().getByRole('article').nth(1).waitFor();
    await section().getByRole('article').nth(1).getByRole('button').last().click();
    for (const summary of await section().locator('summary').all()) await summary.click();
    expect(await axeFindings(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  });

  test('goes before the first when it is asked earlier, and stays there', async () => {
    await show(page, '/settings/provider', LOOK);
    await row('Second').waitFor();
    expect(await names()).toEqual(['Provider', 'Second']);
    await section().getByRole('button', { name: 'Ask earlier: Second' }).click();
    await row('Second').getByText('Asked first').waitFor();
    await section().getByText('Second is asked earlier now.').waitFor();
    await page.reload();
    await row('Second').getByText('Asked first').waitFor();
    expect(await names()).toEqual(['Second', 'Provider']);
    expect(await section().getByRole('button', { name: /^Ask earlier/ }).count()).toBe(1);
  });

  test('has a way of its own that is looked after, and a name where it fails', async () => {
    await page.getByRole('heading', { name: 'The way to Second' }).waitFor();
    await page.getByRole('heading', { name: 'The way to Provider' }).waitFor();
    await page.goto('/');
    for (const name of ['Second', 'Provider']) {
      await page.getByText(`${name} cannot be reached. Calls to outside do not work.`).waitFor({ timeout: 60_000 });
    }
  });
});

describe('a provider filled in by hand', () => {
  const more = () => row('Provider').locator('details', { hasText: 'Calls at once' });
  const technical = () => row('Provider').locator('details', { hasText: 'Kinds of sound' });
  const save = (part: ReturnType<typeof more>) => part.getByRole('button', { name: 'Save' }).click();
  async function open(): Promise<void> {
    await show(page, '/settings/provider', LOOK);
    await change('Provider');
    await more().getByText('More', { exact: true }).click();
    await technical().getByText('Technical details', { exact: true }).click();
  }

  test('takes no encrypted sound without TLS and no kind of sound that is none, and says so under the field', async () => {
    await open();
    await technical().getByLabel('Encryption of the sound').selectOption('require');
    await save(technical());
    await technical().getByText('Encrypted sound needs the connection TLS.').waitFor();
    await technical().getByLabel('Encryption of the sound').selectOption('off');
    await technical().getByLabel('Kinds of sound').fill('P/C');
    await save(technical());
    await technical().getByText('We do not know one of these kinds of sound.').waitFor();
    await technical().getByLabel('Another address').fill('not an address');
    await technical().getByLabel('Kinds of sound').fill('G722 PCMA');
    await save(technical());
    await technical().getByText('This is not an address.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('takes as further addresses of the provider neither names nor wide ranges nor the own network', async () => {
    const sources = () => technical().getByLabel('Further addresses');
    await technical().getByLabel('Another address').fill('');
    for (const [typed, why] of [
      ['sip.provider.example', 'This is not an address. It looks like 198.51.100.7'],
      ['203.0.113.0/16', 'This range is too wide'],
      ['192.168.1.7', 'One of these is no address of the internet.'],
      ['203.0.113.9\n'.repeat(33), 'These are too many.'],
    ] as const) {
      await sources().fill(typed);
      await save(technical());
      await technical().getByText(why).waitFor();
      expect(await sources().getAttribute('aria-invalid')).toBe('true');
    }
    await sources().fill('198.51.100.71/28\n203.0.113.9');
  });

  test('keeps all of it', async () => {
    await technical().getByLabel('Another address').fill('127.0.0.1:5999');
    await technical().getByLabel('Where the provider reads who calls').selectOption('remote-party-id');
    await technical().getByLabel(/Tell keys apart/).check();
    await save(technical());
    await prove(page);
    await technical().getByText('Saved').waitFor();
    await more().getByLabel('To mobile phones').check();
    await more().getByLabel('To other countries').check();
    await more().getByLabel(/It passes on where help must come/).check();
    await save(more());
    await prove(page);
    await more().getByText('Saved').waitFor();
    await open();
    const value = (label: string) => technical().getByLabel(label).inputValue();
    expect(await value('Another address')).toBe('127.0.0.1:5999');
    expect(await value('Further addresses')).toBe('198.51.100.64/28\n203.0.113.9');
    expect(await value('Where the provider reads who calls')).toBe('remote-party-id');
    expect(await value('Encryption of the sound')).toBe('off');
    expect(await value('Kinds of sound')).toBe('G722, PCMA');
    expect(await technical().getByLabel(/Tell keys apart/).isChecked()).toBe(true);
    const checked = async (label: string | RegExp) => more().getByLabel(label).isChecked();
    expect(await checked('To mobile phones')).toBe(true);
    expect(await checked('To other countries')).toBe(true);
    expect(await checked('In your own area')).toBe(false);
    expect(await checked(/It passes on where help must come/)).toBe(true);
  });

  test('keeps it also when its letter is filled in anew', async () => {
    await row('Provider').getByLabel('User name').fill('another');
    await row('Provider').getByRole('button', { name: 'Save' }).first().click();
    await prove(page);
    await row('Provider').getByText('Saved').waitFor();
    await open();
    expect(await technical().getByLabel('Kinds of sound').inputValue()).toBe('G722, PCMA');
    expect(await row('Provider').getByLabel('User name').inputValue()).toBe('another');
  });
});

test('a provider is removed after one question, and the other one stays', async () => {
  await show(page, '/settings/provider', LOOK);
  await change('Second');
  await section().getByRole('button', { name: 'Remove Second' }).click();
  await page.getByRole('dialog').getByText('Its numbers do not ring any more.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove Second' }).click();
  await prove(page);
  await row('Second').waitFor({ state: 'detached' });
  await section().getByLabel('User name').waitFor();
  expect(await section().getByLabel('User name').inputValue()).toBe('another');
  expect(await section().getByRole('button', { name: 'Remove this provider' }).count()).toBe(1);
});

describe('a call that the other side refuses', () => {
  test('says in the log why, and who says so', async () => {
    const { username, password } = await handPassword(page, '201');
    const anna = await Phone.registered({ number: '201', username, password, port: box.sipPort });
    const provider = await Phone.unregistered({ number: 'office', username: 'office', password: '', port: box.sipPort });
    await page.goto('/settings/provider');
    await section().getByText('Technical details', { exact: true }).click();
    await section().getByLabel('Another address').fill('');
    await section().locator('details', { hasText: 'Kinds of sound' }).getByRole('button', { name: 'Save' }).click();
    await prove(page);
    await section().getByText('Saved').waitFor();
    await section().getByLabel('Address of the provider').fill(provider.address);
    await section().getByRole('button', { name: 'Save' }).first().click();
    await prove(page);
    await section().getByText('Connected').waitFor();
    const refused = anna.callInVain('0201234500');
    await provider.rings();
    provider.refuse('404 Not Found');
    expect(await refused).toBe(404);
    await page.goto('/calls');
    const call = page.getByRole('main').getByRole('listitem').filter({ hasText: '020 123 45 00' });
    await call.locator('summary').click();
    await call.getByText('The other side says: this number does not exist.').waitFor();
    expect(await axeFindings(page)).toEqual([]);

    expect(await anna.callInVain('0033140205050')).toBe(403);
    await page.goto('/calls');
    const abroad = page.getByRole('main').getByRole('listitem').filter({ hasText: '+33' });
    await abroad.locator('summary').click();
    await abroad.getByRole('button', { name: 'Allow this call once' }).click();
    await prove(page);
    await abroad.getByText(/may now call .* once, within 15 minutes\./).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const allowed = anna.callInVain('0033140205050');
    await provider.rings();
    provider.refuse('486 Busy Here');
    expect(await allowed).toBe(486);
    // It was made: once more it is not allowed, and what nobody may call is not offered.
    expect(await anna.callInVain('0033140205050')).toBe(403);
    expect(await anna.callInVain('0097912345678')).toBe(403);
    await page.goto('/calls');
    const dear = page.getByRole('main').getByRole('listitem').filter({ hasText: '+979' });
    await dear.locator('summary').click();
    await dear.getByText('a rule of the office does not allow this call.').waitFor();
    expect(await dear.getByRole('button', { name: 'Allow this call once' }).count()).toBe(0);
    await anna.switchOff();
  });
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
