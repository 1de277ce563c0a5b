/** What the office manager does, from the first minute on, in the order of a first day. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, type Browser, type Page } from './browser';
import { acceptRules, addContact, addPerson, PASSWORD, prove, saveProvider } from './office';

let box: Box;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  [box, browser] = await Promise.all([startBox(), openBrowser()]);
  ({ page, wrong } = await openPage(browser, box.url, { language: 'en', theme: 'light', width: 1280 }));
});
afterAll(async () => {
  await browser.close();
  await box.remove();
});

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const status = (name: string) => page.getByRole('status').filter({ hasText: name });

describe('the first run', () => {
  test('a new box asks for the language first, then for its code and a password', async () => {
    await page.goto('/');
    await page.waitForURL('**/setup.html');
    await page.locator('main').getByRole('button', { name: 'English' }).click();
    await heading('This is your box').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  test('a wrong code and a short password are told under their fields, and what was typed stays', async () => {
    const code = page.getByLabel('Set-up code');
    const password = page.getByLabel('Choose a password', { exact: true });
    await code.fill('not the code');
    await password.fill(PASSWORD);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This is not the code of the box.').waitFor();
    expect(await code.getAttribute('aria-invalid')).toBe('true');
    expect(await password.inputValue()).toBe(PASSWORD);

    await code.fill(box.setUpCode);
    await password.fill('short');
    // After a wrong code the box asks for a second of patience; a person tries again.
    const told = page.getByText('This password is too short.');
    await expect
      .poll(
        async () => {
          // The answer to the last click may have come by now; another click would take it away again.
          if (await told.isVisible()) return true;
          await page.getByRole('button', { name: 'Continue' }).click();
          return false;
        },
        { interval: 500, timeout: 15_000 },
      )
      .toBe(true);
  });

  test('with both right the box is set up and shows the first steps', async () => {
    await page.getByLabel('Choose a password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Continue' }).click();
    await heading('Done. The box is yours.').waitFor();
    await page.getByRole('link', { name: 'To Home' }).click();
    await acceptRules(page);
    await page.getByRole('heading', { name: 'First steps' }).waitFor();
  });

  test('set-up cannot be done twice', async () => {
    await page.goto('/setup.html');
    await page.waitForURL(`${box.url}/`);
  });
});

describe('people', () => {
  test('a person is added with the number that the page suggests', async () => {
    await addPerson(page, 'Anna Jansen');
    await page.getByRole('link', { name: /Anna Jansen 201 Not reachable/ }).waitFor();
    await addPerson(page, 'Bram');
    await page.getByRole('link', { name: /Bram 202/ }).waitFor();
  });

  test.each([
    ['201', 'Someone else has this number.'],
    ['112', 'This number is for emergency services.'],
    ['900', 'Internal numbers run from 200 to 699.'],
  ])('number %s is refused in words under the field', async (number, words) => {
    await page.goto('/people');
    await page.getByRole('button', { name: 'Add a person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Cécile');
    await dialog.getByLabel('Internal number').fill(number);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText(words).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('link', { name: /Cécile/ }).count()).toBe(0);
  });

  test('a new name is saved and shown, also to another browser at once', async () => {
    const other = await page.context().newPage();
    await other.goto('/people');
    await other.getByRole('link', { name: /Bram 202/ }).waitFor();
    await page.goto('/people/202');
    await page.getByLabel('Name', { exact: true }).fill('Bram de Vries');
    await page.getByRole('button', { name: 'Save' }).click();
    await status('Saved').waitFor();
    await other.getByRole('link', { name: /Bram de Vries 202/ }).waitFor();
    await other.close();
  });

  test('a password for a phone configured by hand is shown once, and a new one each time', async () => {
    const make = async () => {
      await page.getByRole('button', { name: 'New password for a hand-configured phone' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Make a new password' }).click();
      const codes = page.getByRole('dialog').locator('code');
      await codes.nth(3).waitFor();
      const shown = await codes.allInnerTexts();
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      return shown;
    };
    await page.goto('/people/201');
    const [first, second] = [await make(), await make()];
    expect(first).toHaveLength(4);
    expect(first.slice(0, 3)).toEqual(second.slice(0, 3));
    expect(first[3]).not.toBe(second[3]);
    expect(await page.content()).not.toContain(second[3]);
  });

  test('a softphone gets a code to scan and the same address to copy', async () => {
    await page.goto('/people/201');
    await page.getByRole('button', { name: 'Set up a softphone' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Whoever listens on your network').waitFor();
    await dialog.getByRole('button', { name: 'Show the code' }).click();
    await dialog.getByRole('img', { name: 'QR code with the set-up address' }).waitFor();
    expect(await dialog.locator('code').innerText()).toMatch(/^http:\/\/.+\/l\/\S{16,}$/);
    await page.keyboard.press('Escape');
  });

  test('an app that trusts the box gets a safe address', async () => {
    await page.goto('/people/201');
    await page.getByRole('button', { name: 'Set up a softphone' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The app already trusts this box').click();
    await dialog.getByRole('button', { name: 'Show the code' }).click();
    await dialog.getByRole('img', { name: 'QR code with the set-up address' }).waitFor();
    expect(await dialog.locator('code').innerText()).toMatch(/^https:\/\/.+\/l\/\S{16,}$/);
    await page.keyboard.press('Escape');
  });

  test('a person is removed after one question and is gone', async () => {
    await addPerson(page, 'Daan');
    await page.getByRole('link', { name: /Daan/ }).click();
    await page.getByRole('button', { name: 'Remove Daan' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove Daan' }).click();
    await page.waitForURL('**/people');
    await page.getByRole('link', { name: /Daan/ }).waitFor({ state: 'detached' });
  });
});

describe('contacts', () => {
  const section = () => page.getByRole('region', { name: 'Contacts' });
  const typed = async (name: string, company: string, numbers: string) => {
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Company').fill(company);
    await dialog.getByLabel('Numbers').fill(numbers);
    await dialog.getByRole('button', { name: 'Save' }).click();
    return dialog;
  };

  test('a contact is added with its numbers as people write them, and found by name and by number', async () => {
    await addContact(page, 'Piet', 'De Molen', '+31 20 765 43 21\n0612345678');
    const row = section().getByRole('listitem').filter({ hasText: 'Piet De Molen' });
    await row.getByRole('link', { name: '020 765 43 21' }).waitFor();
    expect(await row.getByRole('link', { name: '06 12 34 56 78' }).getAttribute('href')).toBe('tel:+31612345678');
    await addContact(page, 'Zoë', '', '+32 2 234 56 78');

    for (const [sought, name] of [['zoe', 'Zoë'], ['020 765', 'Piet']] as const) {
      await section().getByLabel('Search').fill(sought);
      await expect.poll(() => section().getByRole('listitem').locator('strong').allInnerTexts()).toEqual([name]);
    }
    await section().getByLabel('Search').fill('nobody');
    await section().getByText('No contact found.').waitFor();
  });

  test.each([
    ['112', 'This number is for emergency services.'],
    ['201', 'This is an internal number.'],
    ['020 765 43 21', 'Another contact has this number already.'],
    ['ask Anna', 'This is not a telephone number.'],
    ['', 'There is no number yet.'],
  ])('the number “%s” is refused in words under the field', async (number, words) => {
    await page.goto('/people');
    await page.getByRole('button', { name: 'Add a contact' }).click();
    const dialog = await typed('Koen', '', number);
    await dialog.getByText(words).waitFor();
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Koen');
    await page.keyboard.press('Escape');
  });

  test('contacts come out of a file: seen first, with the lines that cannot be taken, then added', async () => {
    await page.goto('/people');
    await section().getByRole('button', { name: 'From a file' }).click();
    const dialog = page.getByRole('dialog');
    const give = (text: string) =>
      dialog.locator('input[type=file]').setInputFiles({ name: 'book.csv', mimeType: '', buffer: Buffer.from(text) });
    await dialog.getByRole('button', { name: 'Choose a file' }).waitFor();
    await give('prefix;price\n31;0,02\n');
    await dialog.getByText('We found no names and numbers in this file.').waitFor();
    await give('Naam;Telefoon\nGarage Smit;030 2345678\nHulp;112\n');
    await dialog.getByText('One contact can be added.').waitFor();
    await dialog.getByText('Line 3, Hulp: This is an emergency number.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Add this contact' }).click();
    await section().getByRole('listitem').filter({ hasText: 'Garage Smit' }).waitFor();
  });

  test('a contact is changed and removed', async () => {
    await page.goto('/people');
    await section().getByRole('button', { name: 'Change: Zoë' }).click();
    await typed('Zoë Peeters', 'Drukkerij', '02 234 56 79');
    await page.getByRole('dialog').getByText('This is not a telephone number.').waitFor();
    await typed('Zoë Peeters', 'Drukkerij', '+32 2 234 56 79');
    await section().getByRole('button', { name: 'Change: Zoë Peeters (Drukkerij)' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove Zoë Peeters' }).click();
    await section().getByText('Zoë Peeters').waitFor({ state: 'detached' });
  });
});

describe('settings', () => {
  test('the office gets its name, which the menu then shows', async () => {
    await page.goto('/settings');
    await page.getByLabel('Name of the office').fill('Bakkerij Jansen');
    await page.getByLabel('Area code').fill('020');
    await page.locator('#office').getByRole('button', { name: 'Save' }).click();
    await page.locator('#office').getByText('Saved').waitFor();
    await page.getByRole('navigation').getByText('Bakkerij Jansen').first().waitFor();
  });

  test('a provider is filled in as it is written in a letter, and its numbers appear', async () => {
    const form = page.locator('#provider');
    await page.getByRole('link', { name: 'Provider', exact: true }).click();
    await saveProvider(page, 'sip.example.invalid', '020 123 45 67\nnonsense', false);
    await form.getByText('We do not recognise “nonsense”').waitFor();
    await form.getByLabel('Your numbers').fill('020 123 45 67');
    await form.getByRole('button', { name: 'Save' }).click();
    await prove(page);
    await form.getByText('Saved').waitFor();
    await page.getByRole('link', { name: 'Numbers', exact: true }).click();
    await page.getByLabel('020 123 45 67 rings', { exact: true }).waitFor();
    expect(await page.content()).not.toContain('secret of the provider');
  });

  test('a group is made, and the number from outside rings it', async () => {
    const groups = page.locator('#groups');
    await groups.getByRole('button', { name: 'Add a group' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Shop');
    await dialog.getByLabel('Internal number').fill('250');
    await dialog.getByLabel(/Anna Jansen/).check();
    await dialog.getByLabel(/Bram/).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await groups.getByText('2 people').waitFor();
    await page.getByLabel('020 123 45 67 rings', { exact: true }).selectOption('250');
    await page.locator('#numbers').getByText('Saved').waitFor();
    await page.reload();
    expect(await page.getByLabel('020 123 45 67 rings', { exact: true }).inputValue()).toBe('250');
  });
});

describe('finding phones', () => {
  test('the box looks for new phones, says for how long, and stops when told', async () => {
    await page.goto('/phones');
    await page.getByRole('button', { name: 'Find new phones' }).click();
    await page.getByText('Looking for new phones.', { exact: true }).waitFor();
    await page.getByText(/^1[45]:\d\d left$/).waitFor();
    await page.getByText('No phone appears?').click();
    await page.getByText('The box is looking for new phones.').waitFor();
    await page.getByRole('button', { name: 'Stop looking' }).click();
    await page.getByRole('button', { name: 'Find new phones' }).waitFor();
    await page.getByText('The box is not looking now.').waitFor();
  });
});

describe('with the keyboard alone', () => {
  test('a person is added, and the focus returns to the button that began it', async () => {
    await page.goto('/people');
    const add = page.getByRole('button', { name: 'Add a person' });
    await add.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.getByRole('dialog').getByLabel('Name').focus();
    await page.keyboard.type('Els');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /Els/ }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await add.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  test('the first stop leads past the menu', async () => {
    await page.goto('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('To the content');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('content');
  });
});

describe('the session', () => {
  test('a wrong password is told, and the right one lets in again', async () => {
    await page.goto('/');
    await page.getByRole('button', { name: 'Log out' }).first().click();
    await heading('Log in').waitFor();
    await page.getByLabel('Password', { exact: true }).fill('not this one');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('This is not the password.').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    // After a wrong one the box asks for a second of patience; a person tries again. The click before may have let in
    // meanwhile: then there is no button left to click.
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Log in' }).click({ timeout: 1000 }).catch(() => undefined);
        return page.getByRole('navigation').first().isVisible();
      })
      .toBe(true);
  });

  test('without a session nothing of the office is told', async () => {
    const stranger = await browser.newContext({ baseURL: box.url, ignoreHTTPSErrors: true });
    for (const path of ['/api/v1/office', '/api/v1/calls', '/api/v1/events'])
      expect((await stranger.request.get(path)).status(), path).toBe(401);
    await stranger.close();
  });
});

describe('when the box goes away', () => {
  test('one bar says so and what was known stays; when it is back, so is the page', async () => {
    await page.goto('/people');
    await page.getByRole('link', { name: /Anna Jansen/ }).waitFor();
    await box.kill();
    await page.getByText(/No connection with the box since \d\d:\d\d/).waitFor();
    expect(await page.getByRole('link', { name: /Anna Jansen/ }).isVisible()).toBe(true);
    await box.startAgain();
    await page.getByText(/No connection with the box/).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /Anna Jansen/ }).waitFor();
  });
});

test('on the whole way nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
