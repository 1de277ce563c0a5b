/** Where help must come, what a person may call, what may be spent, what the provider's contract allows, and who is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, show, sidewaysScroll, type Browser, type Page } from './browser';
import { addPerson, proofDialog, prove, saveProvider, setUp, typeProof } from './office';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

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

describe('emergency calls', () => {
  const section = () => page.locator('#emergency');
  const field = (label: string) => section().getByLabel(label, { exact: true });
  const save = () => section().getByRole('button', { name: 'Save' }).click();

  test('a_077 say what they cannot do', async () => {
    await page.goto('/settings/numbers');
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

describe('what a person may call', () => {
  const level = () => page.getByLabel('Calls to');
  const premium = () => page.getByLabel(/Also numbers that cost extra/);

  test('is the own country at first, and another choice is kept at once', async () => {
    await page.goto('/people/201');
    await expect.poll(() => level().inputValue()).toBe('country');
    expect(await premium().isChecked()).toBe(false);
    await level().selectOption({ label: 'Europe too' });
    await prove(page);
    await page.getByRole('status').getByText('Saved').waitFor();
    await page.reload();
    await expect.poll(() => level().inputValue()).toBe('europe');
    await premium().check();
    await prove(page);
    await page.getByRole('status').getByText('Saved').waitFor();
    await page.reload();
    await expect.poll(() => premium().isChecked()).toBe(true);
    expect(await level().inputValue()).toBe('europe');
  });

  test('a blocked country is opened until a day, and closed again', async () => {
    await page.getByLabel('Begins with').fill('53');
    await page.getByLabel('Last day').fill('2030-12-31');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('This is not how a number begins.').waitFor();
    await page.getByLabel('Begins with').fill('00 53');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await prove(page);
    await page.getByText('until 31/12/2030').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.reload();
    await page.getByText('until 31/12/2030').waitFor();
    await page.getByRole('button', { name: 'Close: +53' }).click();
    await expect.poll(() => page.getByText('until 31/12/2030').count()).toBe(0);
  });
});

describe('the calls of a person whose phone is misused', () => {
  const section = () => page.locator('section', { has: page.locator('#person-stops') });

  test('are stopped at a click, all to outside or those that cost more, and let go again with a proof', async () => {
    await show(page, '/people/201', { language: 'en', theme: 'light', width: 1280 });
    for (const [stop, name, on] of [
      ['No calls that cost more for Anna', 'Anna: calls that cost more', 'Anna cannot call abroad, or numbers that cost extra.'],
      ['Only colleagues for Anna', 'Anna: only colleagues', 'Anna can only call colleagues.'],
    ] as const) {
      await section().getByRole('button', { name: stop }).click();
      await section().getByText(on).waitFor();
      await page.reload();
      await section().getByText(on).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await section().getByRole('button', { name: `${name}: Let calls go again` }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Let calls go again' }).click();
      await prove(page);
      await section().getByRole('button', { name: stop }).waitFor();
    }
  });
});

describe('where calls for a person go', () => {
  const section = () => page.locator('section', { has: page.locator('#forward') });
  const send = (to: string) => section().getByLabel('Number').fill(to);
  const save = () => section().getByRole('button', { name: 'Send calls there' }).click();

  test('is to the own phones at first, and never to what costs extra or is nobody', async () => {
    await show(page, '/people/201', { language: 'en', theme: 'light', width: 1280 });
    await section().getByText('Calls ring on the own phones.').waitFor();
    for (const [to, why] of [
      ['0900 1234', 'Calls cannot be sent there.'],
      ['201', 'This is the own number.'],
      ['299', 'Nobody has this internal number.'],
      ['112', 'This is an emergency number.'],
      ['Anna', 'We do not recognise this as a telephone number.'],
    ] as const) {
      await send(to);
      await save();
      await section().getByText(why).waitFor();
    }
    expect(await axeFindings(page)).toEqual([]);
  });

  test('is outside once it is proven who asks, and back at a click', async () => {
    await send('+31 6 12345678');
    await save();
    await prove(page);
    await section().getByText('All calls go to 06 12 34 56 78.').waitFor();
    await page.reload();
    await section().getByText('All calls go to 06 12 34 56 78.').waitFor();
    await section().getByRole('button', { name: 'Let the own phones ring again' }).click();
    await section().getByText('Calls ring on the own phones.').waitFor();
    await page.setViewportSize({ width: 320, height: 844 });
    expect(await sidewaysScroll(page)).toBe(0);
    await page.setViewportSize({ width: 1280, height: 844 });
  });
});

describe('costs', () => {
  const limits = () => page.getByRole('list', { name: 'Other limits' });
  const night = () => limits().getByRole('listitem').filter({ hasText: 'Everyone in a night' });
  const dialog = () => page.getByRole('dialog', { name: 'Raise the limit: Everyone in a night' });
  const raise = () => dialog().getByRole('button', { name: 'Raise the limit' }).click();

  test('are in the menu, and each limit says in words what is used of it', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Costs' }).click();
    await page.getByRole('heading', { level: 1, name: 'Costs' }).waitFor();
    await page.getByRole('region', { name: /^Calls in / }).getByText('€0.00 of €500.00').waitFor();
    expect(await limits().getByRole('listitem').count()).toBe(9);
    await night().getByText('€0.00 of €10.00').waitFor();
  });

  test('are not raised for what is no amount, or is too much', async () => {
    await night().getByRole('button', { name: 'Raise: Everyone in a night' }).click();
    await dialog().getByText('More than €10.00, and €200.00 at most.').waitFor();
    await dialog().getByLabel('New limit in euro').fill('a lot');
    await raise();
    await dialog().getByText('This is not an amount.').waitFor();
    await dialog().getByLabel('New limit in euro').fill('200.01');
    await raise();
    await dialog().getByText('The box does not take this amount.').waitFor();
  });

  test('are not raised for who does not know the password, which is said under it', async () => {
    await dialog().getByLabel('New limit in euro').fill('25');
    await dialog().getByLabel('For how long?').selectOption({ label: 'One day' });
    await raise();
    await typeProof(page, 'not the password');
    await proofDialog(page).getByText('This is not your password.').waitFor();
    const field = proofDialog(page).getByLabel('Your own password', { exact: true });
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await axeFindings(page)).toEqual([]);
  });

  test('are raised by nobody with a password alone, who is shown where a second step is set up', async () => {
    const status = async () => {
      const [response] = await Promise.all([page.waitForResponse('**/api/v1/session/proof'), typeProof(page)]);
      return response.status();
    };
    // After a wrong password the box takes no other one for a second.
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
    await dialog().getByText('First set up a code or a passkey').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog().getByRole('link', { name: 'Set it up' }).click();
    await page.locator('#factor').getByText('You log in with your password only.').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Costs' }).click();
    await night().getByText('€0.00 of €10.00').waitFor();
  });

  test.each([
    ['nl', 'dark', 320],
    ['fr', 'light', 390],
  ] as const)('are readable for everybody in %s, %s, at %i px, from the menu on', async (language, theme, width) => {
    await show(page, '/', { language, theme, width });
    await page.locator('nav.bottom .trigger').click();
    await page.locator('nav.bottom a[href="/costs"]').click();
    await page.locator('main li').nth(6).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  });
});

describe('the contract of the provider', () => {
  const form = () => page.locator('#provider');
  const more = () => form().locator('details', { hasText: 'Calls at once' });
  const atOnce = () => more().getByLabel('Calls at once', { exact: true });

  test('allows two calls at once until somebody says more, and numbers are written as is usual', async () => {
    await show(page, '/settings/provider', { language: 'en', theme: 'light', width: 1280 });
    await saveProvider(page, '127.0.0.1:9');
    await more().getByText('More', { exact: true }).click();
    expect(await atOnce().inputValue()).toBe('2');
    expect(await more().getByLabel('How the provider wants numbers written').inputValue()).toBe('+e164');
  });

  test('takes no number of calls that is none', async () => {
    await atOnce().fill('many');
    await more().getByRole('button', { name: 'Save' }).click();
    await more().getByText('This is not a number of calls.').waitFor();
    await atOnce().fill('0');
    await more().getByRole('button', { name: 'Save' }).click();
    await more().getByText('This is not a number of calls.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('keeps how many calls it allows and how numbers are written', async () => {
    await atOnce().fill('4');
    await more().getByLabel('How the provider wants numbers written').selectOption({ label: '0031201234567' });
    await more().getByRole('button', { name: 'Save' }).click();
    // How many calls, and how numbers are written, are two changes.
    await prove(page);
    await prove(page);
    await more().getByText('Saved').waitFor();
    await page.reload();
    await more().getByText('More', { exact: true }).click();
    expect(await atOnce().inputValue()).toBe('4');
    expect(await more().getByLabel('Calls at once with one number').inputValue()).toBe('');
    expect(await more().getByLabel('How the provider wants numbers written').inputValue()).toBe('00');
    await page.setViewportSize({ width: 320, height: 844 });
    expect(await sidewaysScroll(page)).toBe(0);
  });
});

describe('the internet line', () => {
  const section = () => page.locator('#line');
  const speed = () => section().getByLabel(/How fast is your internet line/);
  const save = () => section().getByRole('button', { name: 'Save' }).click();

  test('says what its speed means in calls, refuses what is none, and is kept', async () => {
    await show(page, '/settings/provider', { language: 'en', theme: 'light', width: 1280 });
    await section().getByText('Nobody told us').waitFor();
    await speed().fill('fast');
    await save();
    await section().getByText('This is not a speed that we know.').waitFor();
    await speed().fill('1,5');
    await section().getByText('That is 15 calls at once.').waitFor();
    await save();
    await section().getByText('Saved').waitFor();
    await page.reload();
    await expect.poll(() => speed().inputValue()).toBe('1.5');
    expect(await axeFindings(page)).toEqual([]);
  });
});

describe('blocked callers', () => {
  const section = () => page.locator('#blocked');
  const numbers = () => section().getByLabel('Numbers', { exact: true });
  const save = () => section().getByRole('button', { name: 'Save' }).click();

  test('are numbers, and what is none is named', async () => {
    await show(page, '/settings/numbers', { language: 'en', theme: 'light', width: 1280 });
    await numbers().fill('06 12 34 56 78\nnonsense');
    await save();
    await section().getByText('We do not recognise “nonsense”').waitFor();
    await numbers().fill('201');
    await save();
    await section().getByText('There is an internal number in the list.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('are kept as the office writes them, with those who show no number', async () => {
    await numbers().fill('+31612345678');
    await section().getByLabel(/Also callers who do not show/).check();
    await save();
    await section().getByText('Saved').waitFor();
    await page.reload();
    await expect.poll(() => numbers().inputValue()).toBe('06 12 34 56 78');
    expect(await section().getByLabel(/Also callers who do not show/).isChecked()).toBe(true);
  });
});

describe('a device that looks for weak places', () => {
  const section = () => page.locator('#scanners');
  const field = (label: string) => section().getByLabel(label, { exact: true });

  const add = () => section().getByRole('button', { name: 'Add' }).click();
  const written = (day: string) => day.split('-').reverse().join('/');
  const soon = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);

  test('is named until a day once somebody proved it, and a network that is too large is not', async () => {
    await page.goto('/settings/protection');
    await field('Address of the device').fill('192.168.0.0/16');
    await field('Last day').fill(soon);
    await add();
    await section().getByText('This network is too large.').waitFor();
    expect(await field('Last day').getAttribute('aria-invalid')).not.toBe('true');
    await field('Address of the device').fill('192.168.1.66');
    await add();
    await prove(page);
    await section().getByText('192.168.1.66/32').waitFor();
    await section().getByText(`until ${written(soon)}`).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test('without a last day is told so at the day, and what was typed stays while another is removed', async () => {
    await field('Address of the device').fill('192.168.1.67');
    await field('Last day').fill('');
    await add();
    await section().getByText('Choose the last day.').waitFor();
    expect(await field('Last day').getAttribute('aria-invalid')).toBe('true');
    expect(await field('Address of the device').getAttribute('aria-invalid')).not.toBe('true');
    await section().getByRole('button', { name: 'Remove: 192.168.1.66/32' }).click();
    await expect.poll(() => section().getByText('192.168.1.66/32').count()).toBe(0);
    expect(await field('Address of the device').inputValue()).toBe('192.168.1.67');
  });

  test('says when it counts no more, or not yet', async () => {
    await field('Last day').fill('2020-01-31');
    await add();
    await prove(page);
    await section().getByText('until 31/01/2020 (over)').waitFor();
    expect(await field('Address of the device').inputValue()).toBe('');
    await field('Address of the device').fill('192.168.1.68');
    await field('Last day').fill('2099-12-31');
    await add();
    await prove(page);
    await section().getByText('from 02/12/2099 until 31/12/2099').waitFor();
  });
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
