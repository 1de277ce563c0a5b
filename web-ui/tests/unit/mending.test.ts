import { expect, test } from 'vitest';
import { mendedWith, placeOf } from '$lib/mending';

/** What each role may ask, of what problems are mended with; as the box says it. */
const may: Record<string, string[]> = {
  owner: ['POST /api/v1/people', 'PUT /api/v1/trunks/{name}/deck', 'PUT /api/v1/incidents/{id}/deadlines/{duty}'],
  installer: ['POST /api/v1/people', 'PUT /api/v1/incidents/{id}/deadlines/{duty}'],
  reception: ['PUT /api/v1/incidents/{id}/deadlines/{duty}'],
  auditor: [],
};

test.each([
  ['incident-due', '/settings/incidents', ['owner', 'installer', 'reception']],
  ['attempts-got-in', '/settings/incidents', ['owner', 'installer', 'reception']],
  ['page-entered', '/settings/incidents', ['owner', 'installer', 'reception']],
  ['deck-old', '/costs', ['owner']],
  ['trunk-refused', '/settings/provider', ['owner', 'installer']],
  ['router-alg', '/settings/provider#router', ['owner', 'installer']],
  ['device-plain-http', '/phones', ['owner', 'installer']],
])('the way to mend %s is shown to whoever can, and to nobody else', (code, place, who) => {
  expect(placeOf({ code, subject: '' })).toBe(place);
  const able = Object.entries(may).filter(([, routes]) => routes.includes(mendedWith(code)));
  expect(able.map(([role]) => role)).toEqual(who);
});

test('a phone that cannot be told to read its settings gets its new password on its person’s page', () => {
  const problem = { code: 'phone-password-stale', subject: '201-805ec0aabb01' };
  expect([placeOf(problem), placeOf(problem, true), placeOf(problem, false)]).toEqual([undefined, undefined, '/people/201']);
  expect(placeOf({ ...problem, subject: '201' })).toBe('/people/201');
});
