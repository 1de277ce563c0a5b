/** Every page in every look: readable for everybody, and never wider than its window. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, CHAPTERS } from '../../src/lib/place';
import { startBox, type Box } from './box';
import { axeFindings, openBrowser, openPage, show, sidewaysScroll, type Browser, type Look, type Page } from './browser';
import { addContact, addPerson, setUp } from './office';

const LANGUAGES = ['nl', 'fr', 'en'] as const;
const THEMES = ['light', 'dark'] as const;
const PATHS = ['/', '/phones', '/people', '/people/201', '/calls', '/calls/bill', '/costs', ...CHAPTERS.map(addressOf), '/nowhere'];
const looks = (widths: number[]): Look[] =>
  LANGUAGES.flatMap((language) => THEMES.flatMap((theme) => widths.map((width) => ({ language, theme, width }))));

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

describe.each(looks([1280, 390]))('before the set-up, in $language, $theme, $width px', (look) => {
  test('the first page has nothing that axe finds', async () => {
    await page.goto('/setup.html');
    await show(page, '/setup.html', look);
    expect(await axeFindings(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
  });
});

describe('in an office', () => {
  beforeAll(async () => {
    await setUp(page, box);
    // Long words are what breaks a narrow page.
    await addPerson(page, 'Maria-Magdalena Vandenbroucke-Verstraete');
    await addPerson(page, 'Bo');
    await addContact(page, 'Verpakkingsmaterialengroothandel', 'Vandenbroucke-Verstraete', '0900 1234\n+32 2 234 56 78');
    await page.goto('/phones');
    await page.getByRole('button', { name: 'Find new phones' }).click();
    await page.getByText('Looking for new phones.', { exact: true }).waitFor();
  });

  describe.each(looks([1280, 390]))('in $language, $theme, $width px', (look) => {
    test.each(PATHS)('%s has nothing that axe finds', async (path) => {
      await show(page, path, look);
      expect(await axeFindings(page)).toEqual([]);
    });
  });

  describe.each([390, 320])('at %i px', (width) => {
    test.each(LANGUAGES.flatMap((language) => PATHS.map((path) => [path, language] as const)))(
      '%s in %s does not scroll sideways',
      async (path, language) => {
        await show(page, path, { language, theme: 'light', width });
        expect(await sidewaysScroll(page)).toBe(0);
      },
    );
  });

  test.each(LANGUAGES)('a dialog in %s fits a small screen and has nothing that axe finds', async (language) => {
    await show(page, '/people', { language, theme: 'dark', width: 320 });
    await page.locator('main').getByRole('button').first().click();
    await page.getByRole('dialog').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.keyboard.press('Escape');
  });

  test.each(looks([1280, 320]))(
    'what is folded away on Phones in $language, $theme, $width px is readable when it is opened',
    async (look) => {
      await show(page, '/phones', look);
      for (const summary of await page.locator('main summary').all()) await summary.click();
      await page.locator('main .copy').first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
    },
  );

  test('a page asks for what it shows, and not for the same again and again', async () => {
    for (const path of PATHS) {
      await show(page, path, { language: 'en', theme: 'light', width: 1280 });
      const asked: string[] = [];
      const note = (request: { url(): string }) => asked.push(request.url());
      page.on('request', note);
      await page.waitForTimeout(500);
      page.off('request', note);
      expect(asked.length, `${path}: ${[...new Set(asked)].join(' ')}`).toBeLessThan(20);
    }
  });

  test('everything to click or touch is at least 24 pixels high and wide', async () => {
    for (const path of PATHS) {
      await show(page, path, { language: 'fr', theme: 'light', width: 390 });
      const small = await page.locator('button:visible, select:visible, input:visible, summary:visible').evaluateAll((all) =>
        all
          .map((element) => (element instanceof HTMLInputElement ? (element.closest('label') ?? element) : element))
          .map((element) => ({ box: element.getBoundingClientRect(), text: element.outerHTML.slice(0, 80) }))
          .filter(({ box }) => box.width < 24 || box.height < 24)
          .map(({ text }) => text),
      );
      expect(small, path).toEqual([]);
    }
  });
});

test('nothing broke, was refused by the security policy, or went to another host', () => {
  expect(wrong).toEqual([]);
});
