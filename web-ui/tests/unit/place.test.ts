import { expect, test } from 'vitest';
import { placeAt } from '$lib/place';

test.each([
  ['/', { page: 'home' }],
  ['/index.html', { page: 'home' }],
  ['/phones', { page: 'phones' }],
  ['/people/', { page: 'people' }],
  ['/people/201', { page: 'person', number: '201' }],
  ['/calls', { page: 'calls' }],
  ['/calls/bill', { page: 'bill' }],
  ['/settings/incidents', { page: 'incidents' }],
  ['/calls/else', { page: 'unknown' }],
  ['/costs', { page: 'costs' }],
  ['/costs/more', { page: 'unknown' }],
  ['/settings', { page: 'settings', chapter: 'office' }],
  ['/settings/access', { page: 'settings', chapter: 'access' }],
  ['/settings/office', { page: 'unknown' }],
  ['/settings/deeper', { page: 'unknown' }],
  ['/people/201/more', { page: 'unknown' }],
  ['/setup.html', { page: 'unknown' }],
  ['/phone', { page: 'unknown' }],
])('%s is a place', (path, place) => {
  expect(placeAt(path)).toEqual(place);
});
