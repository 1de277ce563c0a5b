import { answers } from './answers.en';

/** The words of what people use. Its shape is the rule for the other languages. */
export const usage = {
  answers,
  known: {
    'use-far-above-usual': {
      title: (person: string, euros: string) => `${person} calls for far more than usual today: more than ${euros} euro so far.`,
      why: 'That is over three times what this person’s days cost. Ask if it is right. The limits on costs still hold.',
      fix: '',
    },
    'use-very-long': {
      title: (person: string, hours: string) => `${person} has been calling for more than ${hours} hours today.`,
      why: 'Perhaps a phone was not hung up. Ask if it is right.',
      fix: '',
    },
    'use-one-number': {
      title: (person: string, number: string) => `Most calls of ${person} that cost extra go to one number: ${number}.`,
      why: 'It is about this week or the last one. If you want to complain about the bill: providers often give you eight days.',
      fix: '',
    },
    'use-flash-calls': {
      title: (person: string) => `We stopped calls of ${person}: too many very short ones.`,
      why: 'A phone or a program called and hung up at once, many times a minute. Such calls work again after an hour.',
      fix: '',
    },
    'use-one-number-again': {
      title: (person: string, number: string) => `${person} called ${number} twelve times in ten minutes. That number is closed for a while.`,
      why: 'Somebody may be harassed, or a phone redials by itself. Ask if it is right. After ten minutes it works again.',
      fix: '',
    },
    'use-machine': {
      title: (person: string) => `We stopped calls of ${person} to outside: brief calls to very many numbers.`,
      why: 'Sixty numbers in an hour, a few seconds each: that looks like a program. Such calls work again after an hour. Help can always be called.',
      fix: '',
    },
    'use-row': {
      title: (person: string, begin: string) => `${person} calls numbers in a row: they begin with ${begin}.`,
      why: 'That looks like a program that tries numbers. Ask if it is right.',
      fix: '',
    },
    'use-clockwork': {
      title: (person: string) => `Calls of ${person} come by the clock: always the same time apart, and equally long.`,
      why: 'That looks like a program. Ask if it is right. If not, stop this person’s calls.',
      fix: '',
    },
    'use-at-once': {
      title: (person: string, calls: string) => `${person} makes ${calls} calls to outside at the same moment.`,
      why: 'Nobody talks to so many people at once. If you do not know why, stop this person’s calls.',
      fix: '',
    },
    'use-transit': {
      title: (person: string, numbers: string) => `Callers from outside go out again by way of ${person}, to ${numbers} different numbers in an hour.`,
      why: 'Somebody may use your lines for calls of strangers, at your cost. Put known numbers into the contacts; from ten others on we refuse more.',
      fix: '',
    },
    'use-elsewhere': {
      title: (person: string) => `${person} has a phone that is not at the office. If they call 112 with it, help does not know where they are.`,
      why: 'The box does not send the office’s address then. Tell this person to say where they are, or to call 112 with a mobile.',
      fix: '',
    },
    'use-elsewhere-long': {
      title: (person: string) => `${person} has been calling from elsewhere for more than two weeks.`,
      why: 'Is it in another country? The office’s numbers are not for long use there: ask your provider. And if they call 112, help does not know where they are.',
      fix: '',
    },
    'use-not-heard': {
      title: (person: string) => `A phone of ${person} asks for the box from elsewhere, and gets no answer.`,
      why: 'From outside the office the box answers strangers nothing, only calls for help. Is this person away? Ask your installer to let phones elsewhere in. If not, a stranger tries names: nothing is to be done.',
      fix: '',
    },
    'use-other-zone': {
      title: (number: string, area: string) => `The number ${number} belongs to another area than the office: ${area}.`,
      why: 'Such a number is for use in its own area. Ask your provider, or check the area code of the office.',
      fix: '',
    },
    'alarm-line-lost': {
      title: (line: string) => `${line} has no line: its phone is not there.`,
      why: 'A lift or an alarm cannot call now. Check its power and its cable.',
      fix: '',
    },
    'alarm-call-failed': {
      title: (line: string, number: string) => `A call of ${line} to ${number} did not get through.`,
      why: 'Look there first. Then try the line: this goes away when a call gets through.',
      fix: '',
    },
    'alarm-test-missed': {
      title: (line: string, hours: string) => `${line} did not call for its test: nothing for more than ${hours} hours.`,
      why: 'Perhaps this lift or alarm cannot call any more. Try the line. This goes away when a call gets through.',
      fix: '',
    },
    'use-line-narrow': {
      title: (_: string, calls: string) => `Your internet line carries ${calls} calls at once, and your contract allows more.`,
      why: 'Each call takes 100 kbit/s in both directions. Who calls when the line is full hears the busy tone. Ask for a faster line, or for fewer calls in the contract.',
      fix: '',
    },
    'use-line-loses': {
      title: (_: string, calls: string) => `With ${calls} calls at once, too much sound gets lost on the way from the provider.`,
      why: 'It was heard in two calls. Perhaps the internet line is too slow, or something else uses it. Fill in under Settings how fast it really is: then we allow no more calls than it carries.',
      fix: '',
    },
    'lan-router-posed': {
      title: (_box: string, device: string) => `Somebody on your network poses as your router: the device ${device}.`,
      why: 'Who does that can read and change what goes to the internet. Find the device with this address and unplug it, or call your installer today. Encrypted calls stay secret.',
      fix: '',
    },
    'lan-router-changed': {
      title: 'Your router is another device than before.',
      why: 'Did you get a new one? Then all is well, and this goes away after a day. If not, call your installer.',
      fix: '',
    },
    'lan-phones-posed': {
      title: (_machine: string, names: string) => `One device on your network poses as the phones of ${names}.`,
      why: 'Calls that are not encrypted can be heard there. Find the device with this address and unplug it. A new repeater for wifi can do the same.',
      fix: '',
    },
    'lan-address-shared': {
      title: (person: string, address: string) => `Two devices use the same address as the phone of ${person}: ${address}.`,
      why: 'Calls may fail. Restart both, or let the router hand out all addresses. Is the other device not yours? Unplug it.',
      fix: '',
    },
    'lan-phone-moved': {
      title: (phone: string, network: string) => `${phone} is on another network than before: ${network}.`,
      why: 'Did somebody move it? Then tell your provider where it is now, as help goes to the office’s address. If nobody did, look for it.',
      fix: '',
    },
    'lan-scans-outside': {
      title: (machine: string, person: string) => `A device in the office looks for telephone systems elsewhere: ${machine}${person === '' ? '' : ` (${person})`}.`,
      why: 'Nothing of it left by this box. But it may have other ways out, and a program on it may do harm: take it off the network and have it checked.',
      fix: '',
    },
  },
  alarmLines: {
    title: 'Lifts and alarms',
    sentence: 'Lines that call for help by themselves, also when all other calls are stopped.',
    last: (when: string) => `Called last ${when}`,
    never: 'Has not called yet',
    tests: (hours: string) => `tests itself at least every ${hours} hours`,
  },
  sound: {
    stopped: 'Sound stopped',
    from: (name: string) => `Before the end no more sound came from ${name}.`,
    to: (name: string) => `Before the end no more sound reached ${name}.`,
  },
  malicious: 'Malicious call',
  marks: 'Marks the last call as malicious',
};

export type Usage = typeof usage;
