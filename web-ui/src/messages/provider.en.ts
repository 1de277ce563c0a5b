/** A provider over which nothing goes; whether calls go over another one. */
const gone = (who: string, what: string, elsewhere: boolean) =>
  elsewhere
    ? `${who} ${what}, so its numbers do not ring. Calls to outside go over another provider.`
    : `${who} ${what}. Calls to outside do not work.`;
const lost = (what: string, elsewhere: boolean) => (elsewhere ? what : `${what} A call could not be made.`);

/** What a provider means by a refusal, and who is in the way to it or to a phone: what you notice, why, and what to do. Fetched
 * when one is shown. */
export const providerProblems = {
  'trunk-refused': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'refuses the box', elsewhere),
    why: 'The user name or password is probably not right. Compare them with the provider’s letter.',
    fix: 'Check the details',
  },
  'trunk-unreachable': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'cannot be reached', elsewhere),
    why: 'The internet connection or the provider is down. We keep trying by ourselves.',
    fix: 'See the provider',
  },
  'provider-suspended': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'has blocked your account', elsewhere),
    why: 'The provider says so itself. Often it is an unpaid bill, or a suspicion that someone misuses the account. Call the provider. Colleagues can still call each other.',
    fix: 'See the provider',
  },
  'provider-no-credit': {
    title: (who: string, _detail: string, elsewhere: boolean) => `There is no money left at ${who}. ${elsewhere ? 'Calls to outside go over another provider.' : 'Calls to outside do not work.'}`,
    why: 'The provider says that the credit is used up or a payment is missing. Pay there, and calls work again by themselves.',
    fix: 'See the provider',
  },
  'provider-refuses-number': {
    title: (who: string) => `${who} does not accept the number that you show.`,
    why: 'You may only show numbers that the provider has given you. Compare your numbers here with those at the provider.',
    fix: 'Check the numbers',
  },
  'provider-refuses-destination': {
    title: (who: string) => `${who} does not connect calls to that number.`,
    why: 'Many providers block expensive or foreign numbers until you ask for them. Ask the provider to open it, if you want to call there.',
    fix: '',
  },
  'provider-full': {
    title: (who: string, _detail: string, elsewhere: boolean) => lost(`All lines at ${who} were taken.`, elsewhere),
    why: 'Your contract allows a number of calls at the same time. If this happens often, ask the provider for more lines.',
    fix: '',
  },
  'provider-refuses-sound': {
    title: (who: string) => `${who} and the box do not agree on how sound travels.`,
    why: 'The provider did not accept the kinds of sound, or the encryption, that the box offered. Show this to your installer.',
    fix: 'See the provider',
  },
  'provider-fault': {
    title: (who: string, _detail: string, elsewhere: boolean) => lost(`${who} has a fault.`, elsewhere),
    why: 'The provider answers, but says that it cannot connect calls now. Try again later. If it lasts, call the provider.',
    fix: '',
  },
  'provider-moved': {
    title: (who: string) => `The internet address of ${who} leads to another place.`,
    why: 'The box keeps to the place that worked for as long as it answers. Providers move now and then: ask yours. If it did not move, somebody may be posing as it, and calls could be listened to.',
    fix: '',
  },
  'provider-private': {
    title: (who: string) => `The internet address of ${who} leads into a private network.`,
    why: 'A provider seldom lives there. Perhaps your router, or somebody in your network, answers in its place. The box keeps to the place that worked for as long as it answers. Call your installer.',
    fix: '',
  },
  'router-rewrites': {
    title: 'Your internet router changes the calls.',
    why: 'Calls can be silent or cut off because of it. Have your installer switch off in the router what is named below. This message then goes away by itself.',
    fix: 'See what to do',
  },
  'router-may-rewrite': {
    title: 'Your internet router may be changing the calls.',
    why: 'Something got lost or changed on the way to the provider, which can have other causes. If it happens again, have your installer switch off in the router what is named below.',
    fix: 'See what to do',
  },
  'router-passed': {
    title: 'Your internet router changes the calls. The box goes round it.',
    why: 'Calls pass it unchanged now. Switching off in the router what is named below is still better.',
    fix: 'See what to do',
  },
  'deck-old': {
    title: (who: string) => `The prices of ${who} are too old.`,
    why: 'We reckon each call at the highest usual price again, so a limit is reached sooner. Choose a new price list of your provider.',
    fix: 'See the prices',
  },
  'phone-path-rewrites': {
    title: (subject: string) => `Something between ${subject} and the box changes its calls.`,
    why: 'Calls of this phone can be silent, cut off or not ring. It is usually a second router or a network switch with a telephony feature. Have your installer connect the phone without it, or switch that feature off.',
    fix: '',
  },
  'phone-path-may-rewrite': {
    title: (subject: string) => `Something between ${subject} and the box may be changing its calls.`,
    why: 'Something of this phone got lost or changed on the way, which can have other causes. If it happens again, have your installer look for a second router or a network switch with a telephony feature.',
    fix: '',
  },
  'phone-messages-healed': {
    title: (subject: string) => `The box repaired damaged messages of ${subject}. Its calls work.`,
    why: 'Something between this phone and the box damages what it says. You need to do nothing now; your installer can find the cause at leisure.',
    fix: '',
  },
};
