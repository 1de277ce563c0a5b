/** The codes that the daemon can say of a phone, read where it defines them: each must have words. */
import { readFileSync } from 'node:fs';

const enrolment = new URL('../../../daemon/provisioning/src/enrolment/', import.meta.url);
const source = (file: string) => readFileSync(new URL(file, enrolment), 'utf8');

/** The words that `code()` of an enum answers. */
function codesOf(name: string): string[] {
  const [, body = ''] = new RegExp(`\\nimpl ${name} \\{\\n([^]*?)\\n\\}\\n`).exec(source('values.rs')) ?? [];
  return found(body, /Self::\w+ => "([a-z-]+)"/g);
}

function found(text: string, pattern: RegExp): string[] {
  const codes = [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  if (codes.length === 0) throw new Error(`nothing matches ${String(pattern)}: the daemon writes its codes otherwise now`);
  return codes;
}

/** Why a phone is not answered, or does not have its settings. */
export const reasons = [
  ...codesOf('Refusal'),
  ...found(source('delivery.rs'), /SettingsState::\w+, Some\("([a-z-]+)"\)/g),
  ...found(source('device.rs'), /"((?:waiting|record)-[a-z-]+)"/g),
];

/** What the certificate that a phone shows is worth. */
export const certificates = ['maker', ...codesOf('Distrust')];

/** What the daemon takes a provider's refusal for. */
export const refusals = found(
  readFileSync(new URL('../../../daemon/call-control/src/problem/provider.rs', import.meta.url), 'utf8'),
  /^ {4}"(provider-[a-z-]+)",$/gm,
);

/** What the daemon says of a provider that does not let it in. */
export const ways = found(
  readFileSync(new URL('../../../daemon/call-control/src/problem/provider.rs', import.meta.url), 'utf8'),
  /^const TRUNK_\w+: &str = "(trunk-[a-z-]+)";$/gm,
);

/** What the daemon says of a name of a provider's that leads elsewhere. */
export const moves = found(
  readFileSync(new URL('../../../daemon/call-control/src/problem/provider_moved.rs', import.meta.url), 'utf8'),
  /"(provider-[a-z-]+)";$/gm,
);

/** What the daemon says of a router on the way to a provider. */
export const routers = found(
  readFileSync(new URL('../../../daemon/call-control/src/problem/router.rs', import.meta.url), 'utf8'),
  /"(router-[a-z-]+)";$/gm,
);

/** What the daemon says of a provider's price list. */
export const decks = found(
  readFileSync(new URL('../../../daemon/call-control/src/problem/deck.rs', import.meta.url), 'utf8'),
  /"(deck-[a-z-]+)";$/gm,
);

/** What the daemon says of somebody between a phone and itself. */
export const phonePaths = found(
  readFileSync(new URL('../../../daemon/call-control/src/problem/phone_path.rs', import.meta.url), 'utf8'),
  /"(phone-[a-z-]+)";$/gm,
);

/** What the daemon says of what people use, of where they and the numbers are, of lines, and of machines that pose as others. */
export const uses = ['usage', 'phone_elsewhere', 'phone_not_heard', 'zone', 'alarm_line', 'line', 'lan', 'phone_moved', 'phone_reaches'].flatMap((file) =>
  found(
    readFileSync(new URL(`../../../daemon/call-control/src/problem/${file}.rs`, import.meta.url), 'utf8'),
    /"((?:use|alarm|lan)-[a-z-]+)";$/gm,
  ),
);

/** What can be wrong with a line of a price list. */
export const deckFaults = found(
  readFileSync(new URL('../../../daemon/numbering/src/deck/fault.rs', import.meta.url), 'utf8'),
  /Self::\w+(?:\(_\)| \{ \.\. \})? => "([a-z-]+)",$/gm,
);

/** What the daemon raises as a problem about a phone. */
export const alarms = codesOf('AlarmKind');

/** Why somebody is kept out. Of the others, two speak of many senders at once and one of a block that is there already. */
export const blockReasons = found(
  readFileSync(new URL('../../../daemon/guard/src/knock/verdict.rs', import.meta.url), 'utf8'),
  /^ {4}\w+ = "([a-z-]+)", true;$/gm,
).filter((code) => !code.endsWith('distributed') && code !== 'blocked');

const guard = (file: string) => readFileSync(new URL(`../../../daemon/guard/src/${file}`, import.meta.url), 'utf8');

/** What an incident can say that was tried, and that was done about it. */
export const incidentCodes = [
  ...found(guard('knock/verdict.rs'), /\w+ = "([a-z-]+)", true;/g),
  'page-entered',
  ...['lan', 'phone_reaches'].flatMap((file) =>
    found(
      readFileSync(new URL(`../../../daemon/call-control/src/problem/${file}.rs`, import.meta.url), 'utf8'),
      /"(router-posed|phones-posed|scan-outside)";$/gm,
    ),
  ),
  ...found(guard('incident/mod.rs'), /Self::(?:Asked|Unjudged|Unanswered|Blocked|Refused|KeptApart|Delayed|TurnedAway|LetIn|Told) => "([a-z-]+)"/g),
];
