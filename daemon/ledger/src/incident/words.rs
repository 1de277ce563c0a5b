//! The words of a report: it leaves the box, so the page cannot say them.

/// A text that is written as it stands.
pub(super) type Said = &'static str;

/// The languages of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// French.
    French,
    /// English.
    English,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dutch, Self::French, Self::English];

    /// By its code: `nl`, `fr` or `en`.
    pub fn of_code(code: &str) -> Option<Self> {
        match code {
            "nl" => Some(Self::Dutch),
            "fr" => Some(Self::French),
            "en" => Some(Self::English),
            _ => None,
        }
    }
}

/// What stands between the facts.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) colon: Said,
    pub(super) title: Said,
    pub(super) written: Said,
    pub(super) service: Said,
    pub(super) office: Said,
    pub(super) kind: Said,
    pub(super) exchange: Said,
    pub(super) provider: Said,
    pub(super) abuse_desk: Said,
    /// Within `{}` days.
    pub(super) answer: Said,
    pub(super) when: Said,
    pub(super) first: Said,
    pub(super) last: Said,
    pub(super) zone: Said,
    pub(super) happened: Said,
    pub(super) who: Said,
    pub(super) many: Said,
    pub(super) attempts: Said,
    pub(super) result: Said,
    pub(super) got_in: Said,
    pub(super) accounts: Said,
    pub(super) targets: Said,
    pub(super) devices: Said,
    pub(super) measures: Said,
    pub(super) blocked_until: Said,
    pub(super) evidence: Said,
    pub(super) from: Said,
    pub(super) account: Said,
    pub(super) target: Said,
    pub(super) deadlines: Said,
    pub(super) done: Said,
    pub(super) log: Said,
    pub(super) log_sentence: Said,
    pub(super) head: Said,
}

impl Words {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::Dutch => &DUTCH,
            Language::French => &FRENCH,
            Language::English => &ENGLISH,
        }
    }
}

const DUTCH: Words = Words {
    colon: ": ",
    title: "Melding van een incident",
    written: "Geschreven op",
    service: "De dienst",
    office: "Kantoor",
    kind: "Wat",
    exchange: "telefooncentrale van een kantoor",
    provider: "Provider",
    abuse_desk: "Meldpunt voor misbruik",
    answer: "antwoordt binnen {} dagen",
    when: "Datum en tijd, met het verschil met UTC",
    first: "Eerste poging",
    last: "Laatste poging",
    zone: "Tijdzone",
    happened: "Wat er is gebeurd",
    who: "Van",
    many: "veel adressen tegelijk",
    attempts: "Pogingen",
    result: "Resultaat",
    got_in: "Wie het eerst binnenkwam",
    accounts: "Genoemde accounts",
    targets: "Gebelde of gevraagde nummers",
    devices: "De toestellen noemen zich",
    measures: "De genomen maatregelen",
    blocked_until: "Geblokkeerd tot",
    evidence: "Bewijs: losse pogingen",
    from: "van",
    account: "account",
    target: "nummer",
    deadlines: "Termijnen",
    done: "gedaan op",
    log: "Het logboek",
    log_sentence: "Elke regel van het logboek draagt een SHA-256 over zichzelf en alle regels ervoor. Wie een regel wijzigt of weghaalt, \
                   breekt de keten.",
    head: "Einde van het logboek",
};

const FRENCH: Words = Words {
    colon: "\u{a0}: ",
    title: "Signalement d’un incident",
    written: "Écrit le",
    service: "Le service",
    office: "Bureau",
    kind: "Quoi",
    exchange: "central téléphonique d’un bureau",
    provider: "Opérateur",
    abuse_desk: "Service des abus",
    answer: "répond sous {} jours",
    when: "Date et heure, avec l’écart avec UTC",
    first: "Première tentative",
    last: "Dernière tentative",
    zone: "Fuseau horaire",
    happened: "Ce qui s’est passé",
    who: "De",
    many: "beaucoup d’adresses à la fois",
    attempts: "Tentatives",
    result: "Résultat",
    got_in: "Qui est entré en premier",
    accounts: "Comptes nommés",
    targets: "Numéros appelés ou demandés",
    devices: "Les appareils se disent",
    measures: "Les mesures prises",
    blocked_until: "Bloqué jusqu’au",
    evidence: "Preuves : des tentatives une à une",
    from: "de",
    account: "compte",
    target: "numéro",
    deadlines: "Délais",
    done: "fait le",
    log: "Le journal",
    log_sentence: "Chaque ligne du journal porte un SHA-256 d’elle-même et de toutes les lignes précédentes. Changer ou enlever une \
                   ligne rompt la chaîne.",
    head: "Fin du journal",
};

const ENGLISH: Words = Words {
    colon: ": ",
    title: "Report of an incident",
    written: "Written on",
    service: "The service",
    office: "Office",
    kind: "What",
    exchange: "telephone exchange of an office",
    provider: "Provider",
    abuse_desk: "Abuse desk",
    answer: "answers within {} days",
    when: "Date and time, with the offset from UTC",
    first: "First attempt",
    last: "Last attempt",
    zone: "Time zone",
    happened: "What happened",
    who: "From",
    many: "many addresses at once",
    attempts: "Attempts",
    result: "Result",
    got_in: "Who got in first",
    accounts: "Accounts that were named",
    targets: "Numbers that were called or asked for",
    devices: "The devices call themselves",
    measures: "The measures taken",
    blocked_until: "Blocked until",
    evidence: "Evidence: single attempts",
    from: "from",
    account: "account",
    target: "number",
    deadlines: "Deadlines",
    done: "done on",
    log: "The log",
    log_sentence: "Each line of the log carries a SHA-256 of itself and of all lines before it. Whoever changes or removes a line \
                   breaks the chain.",
    head: "End of the log",
};

/// What a stable word of the guard is called; the word itself when nobody gave it a name.
pub fn said(code: &str, language: Language) -> &str {
    let Some((_, [dutch, french, english])) = SAID.iter().find(|(known, _)| *known == code) else { return code };
    match language {
        Language::Dutch => dutch,
        Language::French => french,
        Language::English => english,
    }
}

/// Whether a report has a name for a stable word.
pub fn is_said(code: &str) -> bool {
    SAID.iter().any(|(known, _)| *known == code)
}

const SAID: &[(&str, [Said; 3])] = &[
    (
        "scanner",
        [
            "zoekt met een aanvalsprogramma",
            "cherche avec un programme d’attaque",
            "searches with a program for attacks",
        ],
    ),
    ("enumeration", ["zoekt welke nummers bestaan", "cherche quels numéros existent", "looks for numbers that exist"]),
    (
        "inventory",
        ["probeert wat de centrale kan", "essaie ce que le central sait faire", "tries what the exchange can do"],
    ),
    ("guessing", ["raadt wachtwoorden", "devine des mots de passe", "guesses passwords"]),
    (
        "spraying",
        [
            "probeert wachtwoorden op veel accounts",
            "essaie des mots de passe sur beaucoup de comptes",
            "tries passwords on many accounts",
        ],
    ),
    (
        "distributed",
        [
            "raadt van veel plaatsen het wachtwoord van één account",
            "devine de beaucoup d’endroits le mot de passe d’un compte",
            "guesses the password of one account from many places",
        ],
    ),
    (
        "toll-fraud",
        ["belt nummers zonder wachtwoord", "appelle des numéros sans mot de passe", "calls numbers without a password"],
    ),
    (
        "unallocated",
        [
            "belt nummers die van niemand zijn",
            "appelle des numéros qui ne sont à personne",
            "calls numbers that are nobody’s",
        ],
    ),
    (
        "flood",
        ["stuurt meer dan een toestel stuurt", "envoie plus qu’un appareil n’envoie", "sends more than any phone does"],
    ),
    (
        "page-guessing",
        [
            "raadt wachtwoorden van de beheerpagina",
            "devine des mots de passe de la page d’administration",
            "guesses passwords of the office’s page",
        ],
    ),
    (
        "page-distributed",
        [
            "raadt van veel plaatsen het wachtwoord van één gebruiker van de pagina",
            "devine de beaucoup d’endroits le mot de passe d’un utilisateur de la page",
            "guesses the password of one user of the page from many places",
        ],
    ),
    (
        "page-entered",
        [
            "had na verkeerde wachtwoorden een juist wachtwoord voor de pagina",
            "avait, après de faux mots de passe, un bon mot de passe pour la page",
            "had a right password for the page after wrong ones",
        ],
    ),
    (
        "pin-guessing",
        [
            "toetst verkeerde pincodes op een toestel",
            "tape de faux codes PIN sur un téléphone",
            "types wrong PINs on a phone",
        ],
    ),
    (
        "settings-guessing",
        [
            "vraagt om instellingen van toestellen die niet van hem zijn",
            "demande les réglages d’appareils qui ne sont pas les siens",
            "asks for settings of phones that are not its own",
        ],
    ),
    (
        "phone-played",
        [
            "doet zich voor als een ander toestel",
            "se fait passer pour un autre appareil",
            "passes itself off as another phone",
        ],
    ),
    (
        "honey-path",
        [
            "zoekt pagina’s van andere telefooncentrales",
            "cherche des pages d’autres centraux téléphoniques",
            "looks for pages of other telephone exchanges",
        ],
    ),
    ("blocked", ["geblokkeerd", "bloqué", "blocked"]),
    (
        "out-of-reach",
        ["belt buiten wat is toegestaan", "appelle au-delà de ce qui est permis", "calls beyond what is allowed"],
    ),
    (
        "premium-barred",
        [
            "belt een duur nummer dat niet mag",
            "appelle un numéro cher non permis",
            "calls a number that costs extra and is not allowed",
        ],
    ),
    (
        "destination-blocked",
        ["belt een geblokkeerde bestemming", "appelle une destination bloquée", "calls a blocked destination"],
    ),
    (
        "spent-per-call",
        [
            "grens voor betaalde nummers bereikt",
            "limite des numéros payants atteinte",
            "limit for paid numbers reached",
        ],
    ),
    ("spent-call", ["gesprek kost te veel", "l’appel coûte trop", "the call costs too much"]),
    ("spent-person", ["grens van de persoon bereikt", "limite de la personne atteinte", "limit of the person reached"]),
    ("spent-hour", ["grens van het uur bereikt", "limite de l’heure atteinte", "limit of the hour reached"]),
    ("spent-day", ["grens van de dag bereikt", "limite du jour atteinte", "limit of the day reached"]),
    ("spent-night", ["grens van de nacht bereikt", "limite de la nuit atteinte", "limit of the night reached"]),
    ("spent-weekend", ["grens van het weekend bereikt", "limite du week-end atteinte", "limit of the weekend reached"]),
    ("spent-month", ["grens van de maand bereikt", "limite du mois atteinte", "limit of the month reached"]),
    (
        "spent-new-country",
        [
            "grens voor een nieuw land bereikt",
            "limite pour un nouveau pays atteinte",
            "limit for a new country reached",
        ],
    ),
    (
        "spent-ordinary-person",
        [
            "grens van de persoon voor gewone gesprekken bereikt",
            "limite de la personne pour les appels ordinaires atteinte",
            "limit of the person for ordinary calls reached",
        ],
    ),
    (
        "spent-ordinary-day",
        [
            "grens voor gewone gesprekken bereikt",
            "limite des appels ordinaires atteinte",
            "limit for ordinary calls reached",
        ],
    ),
    (
        "room-pin",
        ["verkeerde pincode van een vergaderruimte", "faux code d’une salle de réunion", "wrong PIN of a meeting room"],
    ),
    (
        "device-unknown",
        [
            "onbekend toestel met een juist wachtwoord",
            "appareil inconnu avec un bon mot de passe",
            "unknown device with a right password",
        ],
    ),
    (
        "trunk-elsewhere",
        [
            "iemand anders gebruikt het wachtwoord bij de provider",
            "quelqu’un d’autre utilise le mot de passe chez l’opérateur",
            "somebody else uses the password at the provider",
        ],
    ),
    (
        "router-posed",
        [
            "doet zich op het netwerk van het kantoor voor als de router",
            "se fait passer pour le routeur sur le réseau du bureau",
            "poses as the router on the office’s network",
        ],
    ),
    (
        "phones-posed",
        [
            "doet zich op het netwerk van het kantoor voor als toestellen",
            "se fait passer pour des téléphones sur le réseau du bureau",
            "poses as phones on the office’s network",
        ],
    ),
    (
        "scan-outside",
        [
            "zoekt vanuit het kantoor centrales elders",
            "cherche depuis le bureau des centraux ailleurs",
            "looks from the office for exchanges elsewhere",
        ],
    ),
    ("asked", ["om een wachtwoord gevraagd", "mot de passe demandé", "asked for a password"]),
    ("unjudged", ["wachtwoord niet bekeken", "mot de passe non examiné", "password not looked at"]),
    ("unanswered", ["niet beantwoord", "sans réponse", "not answered"]),
    ("refused", ["gesprek geweigerd", "appel refusé", "call refused"]),
    (
        "kept-apart",
        [
            "apart gehouden: alleen collega’s en 112",
            "tenu à part : seulement les collègues et le 112",
            "kept apart: colleagues and 112 only",
        ],
    ),
    (
        "delayed",
        ["telkens langer laten wachten", "fait attendre de plus en plus longtemps", "made to wait ever longer"],
    ),
    ("turned-away", ["niets gegeven", "rien donné", "given nothing"]),
    ("let-in", ["binnengelaten", "laissé entrer", "let in"]),
    ("told", ["het kantoor gewaarschuwd", "bureau averti", "the office was told"]),
    (
        "suspected",
        [
            "iemand vermoedt dat een ander een wachtwoord kent",
            "quelqu’un soupçonne qu’un autre connaît un mot de passe",
            "somebody suspects that another one knows a password",
        ],
    ),
    (
        "secrets-changed",
        [
            "alle wachtwoorden van telefoons veranderd",
            "tous les mots de passe des téléphones changés",
            "every password of phones changed",
        ],
    ),
    ("nothing", ["niets of niemand kwam binnen", "rien ni personne n’est entré", "nothing and nobody got in"]),
    (
        "apart",
        [
            "iemand heeft een juist wachtwoord en is apart gehouden",
            "quelqu’un a un bon mot de passe et est tenu à part",
            "somebody has a right password and is kept apart",
        ],
    ),
    (
        "page",
        [
            "iemand heeft zich aangemeld op de pagina",
            "quelqu’un s’est connecté à la page",
            "somebody logged in to the page",
        ],
    ),
    (
        "at-provider",
        [
            "iemand anders gebruikt het wachtwoord van het kantoor bij de provider",
            "quelqu’un d’autre utilise le mot de passe du bureau chez l’opérateur",
            "somebody else uses the office’s password at the provider",
        ],
    ),
    ("provider", ["melding aan de provider", "signalement à l’opérateur", "report to the provider"]),
    (
        "authority",
        [
            "melding van een datalek aan de toezichthouder",
            "notification d’une violation de données à l’autorité",
            "report of a data breach to the authority",
        ],
    ),
    (
        "damage",
        [
            "melding van schade aan de provider",
            "déclaration du dommage à l’opérateur",
            "report of damage to the provider",
        ],
    ),
    (
        "claim",
        [
            "einde van de tijd om schade te vorderen",
            "fin du délai pour réclamer le dommage",
            "end of the time to claim damage",
        ],
    ),
    ("story", ["stand van zaken", "état des choses", "how it stood"]),
];
