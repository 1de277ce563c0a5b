import { counter } from '$lib/plural';

const count = counter('en-GB');

/** The words of users, sessions and one's own password. Its shape is the rule for the other languages. */
export const access = {
  users: {
    title: 'Who may log in',
    sentence: 'Everyone has a name and a password of their own, and sees what belongs to their work.',
    add: 'Invite someone',
    addTitle: 'Invite someone',
    name: 'Name to log in with',
    role: 'What may this person do?',
    roles: { owner: 'Owner', installer: 'Installer', reception: 'Reception', person: 'Colleague', auditor: 'Auditor' },
    hints: {
      owner: 'Everything, and who may log in.',
      installer: 'Phones, colleagues and the provider. No money, no messages. It ends by itself.',
      reception: 'Sees the office, keeps the contacts, and can stop calls.',
      person: 'Only the own calls and the own voicemail.',
      auditor: 'Sees what there is to check. Changes nothing.',
    },
    person: 'Which colleague?',
    days: 'For how long?',
    dayCount: (days: number) => count(days, { one: '# day', other: '# days' }),
    me: 'you',
    invited: 'invited, not here yet',
    until: (moment: string) => `until ${moment}`,
    over: 'the time is over',
    actions: (name: string) => `What to do with ${name}`,
    newCode: 'New code for another password',
    change: 'Change what is allowed',
    changeTitle: (name: string) => `What may ${name} do?`,
    changeSentence: 'This person must log in again.',
    remove: 'Take away',
    removeTitle: (name: string) => `Take ${name} away?`,
    removeSentence: 'This person is logged out at once and cannot log in any more. You can invite them again.',
    removeButton: 'Take away',
    codeTitle: (name: string) => `The way in for ${name}`,
    codeSentence: 'Give this link to that person only. It works once, within 24 hours. They choose a password then.',
    link: 'Link',
    code: 'Code',
    known: {
      'user-name-taken': 'Somebody else has this name.',
      'user-name-wrong': 'A name has 1 to 40 characters.',
      'no-such-person': 'Choose a colleague.',
      'last-owner': 'This is the last owner. Make somebody else an owner first.',
      'too-many-users': 'There are 200 already. Take somebody away first.',
    },
  },
  sessions: {
    title: 'Logged in now',
    sentence: 'Something here that you do not know? End it, and choose another password.',
    here: 'this browser',
    line: (source: string, since: string) => `From ${source}, since ${since}`,
    seen: (moment: string) => `last used ${moment}`,
    end: 'End',
    endLabel: (user: string) => `End: ${user}`,
  },
  password: {
    title: 'Your password',
    sentence: 'With another password you are logged out everywhere but here.',
    old: 'Password of now',
    wanted: 'New password',
    hint: 'At least 12 characters. A sentence works well.',
    known: { 'wrong-password': 'This is not your password.' },
  },
  join: {
    title: 'Welcome',
    sentence: 'Choose a password of your own. You log in with it from now on.',
    code: 'Code from your invitation',
    button: 'Log in',
    known: { 'wrong-code': 'This code does not work any more. Ask for a new one.' },
  },
};

export type Access = typeof access;
