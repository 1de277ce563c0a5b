//! English.

use super::Words;
use crate::news::Access;

pub(super) const WORDS: Words = Words {
    signature: |office, at| {
        format!("The telephone exchange of {office}, {at}. It reads no answers. Log in on its page for more.")
    },
    test_title: "A test: mail from the box arrives.",
    test_text: "You asked for this on the page. Nothing is wrong.",
    confirm_title: "Show that reports of the box reach you.",
    confirm_text: "This address is in the list of who is told when something happens in the office. As long as the code is not filled in, no report comes here.",
    again_title: "Do reports of the box still reach you?",
    again_text: "You are told when something happens in the office, and that stays so. Fill in the code, so that everybody sees that the address is still right.",
    confirm_code: |code| {
        format!(
            "The code is {code}\nFill it in on the page of the box, under Settings, Safety, Who is told by e-mail, or give it to who does that for you. It works for 7 days. You do not know this box? Then do nothing."
        )
    },
    farewell_title: "You get no reports of the box any more.",
    farewell_text: "This address was taken out of the list of who is told. Is that not right? Call now whoever looks after the box: perhaps somebody silences the alarm.",
    changed_title: "Something was changed on the box that a thief would change too.",
    taken_back_title: "A change on the box was taken back.",
    touched_alerts: "who is told by e-mail, or over which mail server",
    touched_administration: "from where owners and installers may log in",
    touched_trunk: "the provider {}",
    touched_permit: "what number {} may call: more than before",
    touched_forward: "where calls for number {} go: outside",
    touched_rights: "what the group {} may call: more than before",
    touched_user: "who may log in: {} may now, or may do more than before",
    touched_code: "a code with which another password is chosen for {}; taking it back gives {} the password of before",
    touched_cap: "a limit on money: it is higher for a time",
    touched_retention: "how long the box keeps things: shorter than before",
    touched_opening: "when the office is open: longer than before",
    touched_support: "which numbers are at “Help with the telephone”: everybody may always call them",
    touched_scanners: "which device may examine the box for a while without being shut out",
    touched_place: "the country of the office, or its time zone",
    touched_pin: "the PIN for phones",
    touched_prices: "the prices of provider {}, by which limits on money are reckoned",
    changed_by: |who| format!("{who} did this."),
    changed_back: |code, until| {
        format!(
            "Is it right? Then do nothing. Is it not right? Take it back until {until}: on the page, under Settings, What changed, Take a change back, with the button or with this code:\n{code}\nYou cannot log in any more? With \"centraled recover\" at the box itself the owner gets a new code."
        )
    },
    story_inside: "Somebody has a password of your telephones.",
    story_money: "Calls were stopped, because they cost too much.",
    story_thieves: "Calls were stopped: thieves call like that.",
    story_page: "Somebody got into the page of the box with a password of a user.",
    story_suspected: "Somebody changed the passwords of all telephones.",
    advice_suspected: "Did you not do this? Then somebody else is logged in to the page: change your own password. Did a thief know a password? The report for the provider is ready, on the page under Settings, Safety, Protection.",
    story_over: "What was reported before is over.",
    span: |first, last, attempts| format!("from {first} until {last}, {}", attempts_of(attempts)),
    sources: "from",
    accounts: "under the name",
    targets: "called",
    advice: "Log in on the page, under Settings, Safety. There stands what the box did, and what you can do.",
    at_stake: "Do it today: a provider may end the contract of who was broken into, and then you can lose your telephone numbers.",
    advice_provider: "Call your provider now and ask for another password. Then fill that in on the page.",
    advice_page: "Change the password of that user now, under Settings, Who may come in, and end all its sessions. Then look under Settings, What changed, what was altered.",
    due: |what, until| format!("Still to do before {until}: {what}."),
    due_what: "It follows from the break-in that was reported. Log in on the page and tick it off when it is done.",
    access: |what, user| match what {
        Access::NewBrowser => format!("{user} logged in with a browser that was not used before."),
        Access::Elsewhere => format!("{user} tried to log in from a place that is not allowed."),
        Access::PasskeyMade => format!("{user} has another passkey to log in with."),
        Access::PasskeyGone => format!("A passkey of {user} was removed."),
        Access::FactorMade => format!("{user} now logs in with a code from an app too."),
        Access::FactorGone => format!("A second step of {user} to log in was switched off."),
        Access::WatcherMade => {
            format!("{user} made a key for a program that watches the telephones. A key of before stopped working.")
        }
        Access::WatcherGone => format!("{user} took away the key of the program that watches the telephones."),
    },
    access_from: |source, at| format!("From {source}, {at}."),
    access_what: "Is it right? Then do nothing. Is it not right? Then somebody knows the password. Let the user choose another one on the page, under Settings, Your password, and look there who is logged in.",
    help: |who| format!("The emergency number was called by {who}."),
    help_what: "Look whether somebody in the office needs help, and who meets the ambulance at the door.",
    problems: &[
        (
            "trunk-unreachable",
            "Provider {} cannot be reached. Calls to outside do not work.",
            "The internet connection or the provider is down. The box keeps trying. Use mobile phones meanwhile.",
        ),
        (
            "trunk-refused",
            "Provider {} refuses the box. Calls to outside do not work.",
            "The user name or password is probably not right. Compare them on the page with the provider’s letter.",
        ),
        (
            "trunk-locked-out",
            "Provider {} lets the box in no more. Calls to outside do not work.",
            "It was given a wrong password too often. Call the provider.",
        ),
        (
            "provider-moved",
            "The internet address of provider {} leads to another place.",
            "Ask the provider whether it moved. If it did not, somebody may be posing as it: call your installer.",
        ),
        (
            "provider-private",
            "The internet address of provider {} leads into a private network.",
            "Perhaps your router, or somebody on your network, answers in its place: call your installer.",
        ),
        (
            "no-way-to-help",
            "Nobody can call 112 from the office.",
            "No provider works. Use a mobile phone for help until one does.",
        ),
        (
            "alarm-line-lost",
            "Line {} of a lift or an alarm is not there.",
            "It cannot call now. Check its power and its cable.",
        ),
        (
            "alarm-call-failed",
            "A call of line {}, a lift or an alarm, did not get through.",
            "Look there first. Then try the line.",
        ),
        (
            "alarm-test-missed",
            "Line {} of a lift or an alarm made no test call.",
            "Perhaps it cannot call any more. Try the line, or ask who maintains the lift or the alarm.",
        ),
        (
            "disk-fails",
            "The box can write nothing down.",
            "Its disk is full or broken. Calls that cost extra do not work. Show this to your installer today.",
        ),
        (
            "help-not-proven",
            "A test of the way to 112 did not get through over {}.",
            "Two test calls in a row did not ring. Ask the provider, or check the test number.",
        ),
        (
            "device-token-misused",
            "Phone {} was locked, because something else used its access.",
            "Reset the phone to factory settings and take it into use again. Look for an unknown device on the network.",
        ),
        (
            "use-far-above-usual",
            "Calls of {} cost far more today than usual.",
            "Ask whether it is right. If not, stop this person’s calls on the page.",
        ),
        (
            "lan-phone-moved",
            "Phone {} is on another network of the office than before.",
            "Did somebody move it? Then tell your provider where it is now, as help goes to the office’s address. If nobody did, look for it.",
        ),
        (
            "lan-router-posed",
            "Somebody on the office’s network poses as your router.",
            "Find the device whose address the page shows, and unplug it. If you do not find it, call your installer today.",
        ),
        (
            "lan-phones-posed",
            "One device on the office’s network poses as several phones.",
            "Find the device whose address the page shows, and unplug it. A new repeater for wifi can do the same.",
        ),
    ],
    mended: |title| format!("It is over: {title}"),
    period: |from, until| format!("From {from} until {until}:"),
    blocked: |attempts, inside| match (attempts, inside) {
        (0, 0) => "Nobody tried to break in.".to_owned(),
        (1, 0) => "Blocked: 1 attempt, it did not get in.".to_owned(),
        (_, 0) => format!("Blocked: {attempts} attempts, none got in."),
        (_, 1) => format!("{} to break in; somebody got in once.", attempts_of(attempts)),
        _ => format!("{} to break in; somebody got in {inside} times.", attempts_of(attempts)),
    },
    euro: |cents| format!("€{}.{:02}", cents / 100, cents % 100),
    paid_calls: |calls, euro| format!("Calls that cost something: {calls}, {euro}"),
    of_night: |calls, euro| format!("Of these in the night since 18:00: {calls}, {euro}"),
    week: |euro| format!("Your calls of this week: {euro}."),
    week_what: "The amounts are the box’s own. Is something wrong? Tell your provider within 8 days. The page, under Calls, holds the bill against them.",
    many: |count, inside| {
        if inside {
            format!("{count} more reports about break-ins and money.")
        } else {
            format!("{count} more reports.")
        }
    },
    many_what: "More happened than you get single mails about. The page tells it all.",
};

fn attempts_of(count: u64) -> String {
    if count == 1 { "1 attempt".to_owned() } else { format!("{count} attempts") }
}
