//! Dutch.

use super::Words;
use crate::news::Access;

pub(super) const WORDS: Words = Words {
    signature: |office, at| {
        format!("De telefooncentrale van {office}, {at}. Ze leest geen antwoorden. Log in op haar pagina voor meer.")
    },
    test_title: "Een test: mail van de centrale komt aan.",
    test_text: "Je vroeg hierom op de pagina. Er is niets mis.",
    confirm_title: "Laat zien dat meldingen van de centrale bij je aankomen.",
    confirm_text: "Dit adres staat in de lijst van wie bericht krijgt als er op kantoor iets gebeurt. Zolang de code niet is ingevuld, komt hier geen bericht.",
    again_title: "Komen meldingen van de centrale nog bij je aan?",
    again_text: "Je krijgt bericht als er op kantoor iets gebeurt, en dat blijft zo. Vul de code in, zodat iedereen ziet dat het adres nog klopt.",
    confirm_code: |code| {
        format!(
            "De code is {code}\nVul die in op de pagina van de centrale, bij Instellingen, Veiligheid, Wie een e-mail krijgt, of geef hem aan wie dat voor je doet. Hij werkt 7 dagen. Ken je deze centrale niet? Doe dan niets."
        )
    },
    farewell_title: "Je krijgt geen meldingen van de centrale meer.",
    farewell_text: "Dit adres is uit de lijst gehaald van wie bericht krijgt. Klopt dat niet? Bel dan nu wie de centrale beheert: misschien zet iemand het alarm stil.",
    changed_title: "Op de centrale is iets veranderd dat een dief ook zou veranderen.",
    taken_back_title: "Een verandering op de centrale is teruggedraaid.",
    touched_alerts: "wie bericht krijgt per e-mail, of over welke mailserver",
    touched_administration: "vanaf waar eigenaars en installateurs mogen inloggen",
    touched_trunk: "de provider {}",
    touched_permit: "wat toestel {} mag bellen: meer dan eerst",
    touched_forward: "waar gesprekken voor toestel {} heen gaan: naar buiten",
    touched_rights: "wat de groep {} mag bellen: meer dan eerst",
    touched_user: "wie er mag inloggen: {} mag dat nu, of mag meer dan eerst",
    touched_code: "een code waarmee een ander wachtwoord voor {} wordt gekozen; draai je dit terug, dan geldt het wachtwoord van daarvoor weer",
    touched_cap: "een grens aan de kosten: die is een tijd hoger",
    touched_retention: "hoe lang de centrale dingen bewaart: korter dan eerst",
    touched_opening: "wanneer het kantoor open is: langer dan eerst",
    touched_support: "welke nummers bij ‘Hulp bij de telefoon’ staan: iedereen mag ze altijd bellen",
    touched_scanners: "welk apparaat de centrale een tijd lang mag onderzoeken zonder buitengesloten te worden",
    touched_place: "het land van het kantoor, of de tijdzone",
    touched_pin: "de pincode voor telefoons",
    touched_prices: "de prijzen van provider {}, waarmee grenzen aan de kosten worden berekend",
    changed_by: |who| format!("Dit deed {who}."),
    changed_back: |code, until| {
        format!(
            "Klopt het? Doe dan niets. Klopt het niet? Draai het terug tot {until}: op de pagina, bij Instellingen, Wat er veranderde, Een wijziging terugdraaien, met de knop of met deze code:\n{code}\nKun je niet meer inloggen? Met \"centraled recover\" op de centrale zelf krijgt de eigenaar een nieuwe code."
        )
    },
    story_inside: "Iemand heeft een wachtwoord van je telefoons.",
    story_money: "Gesprekken zijn gestopt, omdat ze te veel kosten.",
    story_thieves: "Gesprekken zijn gestopt: zo bellen dieven.",
    story_page: "Iemand is met een wachtwoord van een gebruiker op de pagina van de centrale gekomen.",
    story_suspected: "Iemand heeft de wachtwoorden van alle telefoons veranderd.",
    advice_suspected: "Heb je dit niet zelf gedaan? Dan is een ander ingelogd op de pagina: verander je eigen wachtwoord. Kende een dief een wachtwoord? De melding voor de provider ligt klaar, op de pagina onder Instellingen, Veiligheid, Bescherming.",
    story_over: "Wat eerder is gemeld, is voorbij.",
    span: |first, last, attempts| format!("van {first} tot {last}, {}", attempts_of(attempts)),
    sources: "van",
    accounts: "onder de naam",
    targets: "gebeld",
    advice: "Log in op de pagina, bij Instellingen, Veiligheid. Daar staat wat de centrale deed, en wat je kunt doen.",
    at_stake: "Doe het vandaag: een provider mag na een inbraak het contract beëindigen, en dan kun je je telefoonnummers kwijtraken.",
    advice_provider: "Bel nu je provider en vraag een ander wachtwoord. Vul dat daarna in op de pagina.",
    advice_page: "Verander nu het wachtwoord van die gebruiker, bij Instellingen, Wie erin mag, en beëindig al zijn sessies. Kijk daarna bij Instellingen, Wat er veranderde, wat er is veranderd.",
    due: |what, until| format!("Nog te doen voor {until}: {what}."),
    due_what: "Het volgt uit de inbraak die is gemeld. Log in op de pagina en vink het af als het is gedaan.",
    access: |what, user| match what {
        Access::NewBrowser => format!("{user} logde in met een browser die nog niet gebruikt was."),
        Access::Elsewhere => format!("{user} wilde inloggen vanaf een plek die niet mag."),
        Access::PasskeyMade => format!("{user} heeft een passkey erbij om mee in te loggen."),
        Access::PasskeyGone => format!("Een passkey van {user} is weggehaald."),
        Access::FactorMade => format!("{user} logt voortaan ook in met een code uit een app."),
        Access::FactorGone => format!("Een tweede stap van {user} bij het inloggen is uitgezet."),
        Access::WatcherMade => format!(
            "{user} maakte een sleutel voor een programma dat de telefoons in de gaten houdt. Een sleutel van eerder werkt niet meer."
        ),
        Access::WatcherGone => {
            format!("{user} haalde de sleutel weg van het programma dat de telefoons in de gaten houdt.")
        }
    },
    access_from: |source, at| format!("Vanaf {source}, {at}."),
    access_what: "Klopt het? Dan hoef je niets te doen. Klopt het niet? Dan kent iemand het wachtwoord. Laat de gebruiker een ander kiezen op de pagina, onder Instellingen, Je wachtwoord, en kijk daar wie is ingelogd.",
    help: |who| format!("Het noodnummer is gebeld door {who}."),
    help_what: "Kijk of iemand op kantoor hulp nodig heeft, en wie de ambulance bij de deur opvangt.",
    problems: &[
        (
            "trunk-unreachable",
            "Provider {} is niet te bereiken. Bellen naar buiten werkt niet.",
            "De internetverbinding of de provider ligt plat. De centrale blijft het proberen. Gebruik zolang mobiele telefoons.",
        ),
        (
            "trunk-refused",
            "Provider {} weigert de centrale. Bellen naar buiten werkt niet.",
            "De gebruikersnaam of het wachtwoord klopt waarschijnlijk niet. Vergelijk ze op de pagina met de brief van de provider.",
        ),
        (
            "trunk-locked-out",
            "Provider {} laat de centrale niet meer binnen. Bellen naar buiten werkt niet.",
            "Die kreeg te vaak een verkeerd wachtwoord. Bel de provider.",
        ),
        (
            "provider-moved",
            "Het internetadres van provider {} leidt naar een andere plek.",
            "Vraag de provider of hij verhuisd is. Zo niet, dan doet iemand zich misschien voor als de provider: bel je installateur.",
        ),
        (
            "provider-private",
            "Het internetadres van provider {} leidt naar een privénetwerk.",
            "Misschien antwoordt je router, of iemand op je netwerk, in zijn plaats: bel je installateur.",
        ),
        (
            "no-way-to-help",
            "Niemand kan vanaf kantoor 112 bellen.",
            "Geen enkele provider werkt. Gebruik voor hulp een mobiele telefoon tot er een werkt.",
        ),
        (
            "alarm-line-lost",
            "Lijn {} van een lift of alarm is er niet.",
            "Ze kan nu niet bellen. Controleer de stroom en de kabel.",
        ),
        (
            "alarm-call-failed",
            "Een oproep van lijn {}, een lift of alarm, kwam niet aan.",
            "Ga daar eerst kijken. Probeer daarna de lijn.",
        ),
        (
            "alarm-test-missed",
            "Lijn {} van een lift of alarm belde niet voor haar test.",
            "Misschien kan ze niet meer bellen. Probeer de lijn, of vraag het aan wie de lift of het alarm onderhoudt.",
        ),
        (
            "disk-fails",
            "De centrale kan niets opschrijven.",
            "De schijf is vol of kapot. Gesprekken die extra kosten werken niet. Laat dit vandaag aan je installateur zien.",
        ),
        (
            "help-not-proven",
            "Een test van de weg naar 112 kwam niet door over {}.",
            "Twee testgesprekken na elkaar gingen niet over. Vraag de provider, of kijk het testnummer na.",
        ),
        (
            "device-token-misused",
            "Telefoon {} is op slot, omdat iets anders zijn toegang gebruikte.",
            "Zet de telefoon terug naar fabrieksinstellingen en neem hem opnieuw in gebruik. Zoek een onbekend apparaat op het netwerk.",
        ),
        (
            "use-far-above-usual",
            "Gesprekken van {} kosten vandaag veel meer dan anders.",
            "Vraag of het klopt. Zo niet, stop de gesprekken van deze persoon op de pagina.",
        ),
        (
            "lan-phone-moved",
            "Telefoon {} zit op een ander netwerk van het kantoor dan eerst.",
            "Heeft iemand hem verplaatst? Zeg dan je provider waar hij nu is, want hulp gaat naar het adres van het kantoor. Zo niet, zoek hem op.",
        ),
        (
            "lan-router-posed",
            "Iemand op het netwerk van het kantoor doet zich voor als je router.",
            "Zoek het apparaat waarvan het adres op de pagina staat, en trek de stekker eruit. Vind je het niet, bel dan vandaag je installateur.",
        ),
        (
            "lan-phones-posed",
            "Eén apparaat op het netwerk van het kantoor doet zich voor als meer toestellen.",
            "Zoek het apparaat waarvan het adres op de pagina staat, en trek de stekker eruit. Een nieuwe wifiversterker kan hetzelfde doen.",
        ),
    ],
    mended: |title| format!("Het is voorbij: {title}"),
    period: |from, until| format!("Van {from} tot {until}:"),
    blocked: |attempts, inside| match (attempts, inside) {
        (0, 0) => "Niemand probeerde in te breken.".to_owned(),
        (1, 0) => "Tegengehouden: 1 poging, die kwam niet binnen.".to_owned(),
        (_, 0) => format!("Tegengehouden: {attempts} pogingen, geen kwam binnen."),
        (_, 1) => format!("{} om in te breken; één keer kwam iemand binnen.", attempts_of(attempts)),
        _ => format!("{} om in te breken; {inside} keer kwam iemand binnen.", attempts_of(attempts)),
    },
    euro: |cents| format!("€ {},{:02}", cents / 100, cents % 100),
    paid_calls: |calls, euro| format!("Gesprekken die iets kosten: {calls}, {euro}"),
    of_night: |calls, euro| format!("Daarvan in de nacht vanaf 18:00: {calls}, {euro}"),
    week: |euro| format!("Je gesprekken van deze week: {euro}."),
    week_what: "De bedragen zijn van de centrale zelf. Klopt er iets niet? Meld het je provider binnen 8 dagen. Op de pagina, bij Gesprekken, leg je de rekening ernaast.",
    many: |count, inside| {
        if inside { format!("Nog {count} meldingen over inbraken en geld.") } else { format!("Nog {count} meldingen.") }
    },
    many_what: "Er gebeurde meer dan waarover je losse mails krijgt. Op de pagina staat alles.",
};

fn attempts_of(count: u64) -> String {
    if count == 1 { "1 poging".to_owned() } else { format!("{count} pogingen") }
}
