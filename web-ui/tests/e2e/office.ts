/** The steps that several tests take: setting up, logging in, filling an office. */
import type { Box } from './box';
import type { Page } from './browser';

export const PASSWORD = 'four small blue birds';

/** Sets a fresh box up, in English, and goes to Home. */
export async function setUp(page: Page, box: Box): Promise<void> {
  await page.goto('/');
  await page.locator('main').getByRole('button', { name: 'English' }).click();
  await page.getByLabel('Set-up code').fill(box.setUpCode);
  await page.getByLabel('Choose a password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('link', { name: 'To Home' }).click();
  await acceptRules(page);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Reads the rules of use, as everybody does at the first log-in. */
export async function acceptRules(page: Page): Promise<void> {
  const rules = page.getByRole('heading', { name: 'How we use the telephones' });
  await rules.waitFor();
  await page.getByRole('button', { name: 'I have read this and keep to it' }).click();
  await rules.waitFor({ state: 'detached' });
}

/** Where the box asks whether it is really the user. */
export const proofDialog = (page: Page) => page.getByRole('dialog', { name: 'Is it really you?' });

/** Types the own password there, which may not be enough. */
export async function typeProof(page: Page, password = PASSWORD): Promise<void> {
  await proofDialog(page).getByLabel('Your own password', { exact: true }).fill(password);
  await proofDialog(page).getByRole('button', { name: 'Go on' }).click();
}

/** The same, and it is enough. */
export async function prove(page: Page): Promise<void> {
  // By its title's id: where two changes are made, the next question comes as soon as this one is gone.
  const title = await proofDialog(page).getAttribute('aria-labelledby');
  await typeProof(page);
  await page.locator(`dialog[aria-labelledby="${title ?? ''}"]`).waitFor({ state: 'detached' });
}

/** Adds a person through the page and waits until the list has them. */
export async function addPerson(page: Page, name: string, number?: string): Promise<void> {
  await page.goto('/people');
  await page.getByRole('button', { name: 'Add a person' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  if (number !== undefined) await dialog.getByLabel('Internal number').fill(number);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('main').getByRole('link', { name }).waitFor();
}

/** Fills in a provider as it stands in its letter, and saves it, with the password as well where the page takes what was typed. */
export async function saveProvider(
  page: Page,
  address: string,
  numbers = '020 123 45 67',
  proven = true,
): Promise<void> {
  const form = page.locator('#provider');
  await form.getByLabel('Address of the provider').fill(address);
  await form.getByLabel('User name').fill('office');
  await form.getByLabel('Password', { exact: true }).fill('secret of the provider');
  await form.getByLabel('Your numbers').fill(numbers);
  await form.getByRole('button', { name: 'Save' }).click();
  if (proven) await prove(page);
}

/** Adds a contact through the page and waits until the list has them. */
export async function addContact(page: Page, name: string, company: string, numbers: string): Promise<void> {
  await page.goto('/people');
  await page.getByRole('button', { name: 'Add a contact' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Company').fill(company);
  await dialog.getByLabel('Numbers').fill(numbers);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: `Change: ${name}` }).waitFor();
}

/** The password that the page shows once for a phone configured by hand, with where it registers. */
export async function handPassword(page: Page, number: string): Promise<{ username: string; password: string }> {
  await page.goto(`/people/${number}`);
  await page.getByRole('button', { name: 'New password for a hand-configured phone' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make a new password' }).click();
  const value = (label: string) => dialog.locator('.copy', { hasText: label }).locator('code').innerText();
  return { username: await value('User name'), password: await value('Password') };
}
