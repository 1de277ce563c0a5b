//! French.

use super::Words;
use crate::news::Access;

pub(super) const WORDS: Words = Words {
    signature: |office, at| {
        format!(
            "Le central téléphonique de {office}, {at}. Il ne lit pas les réponses. Connectez-vous à sa page pour en savoir plus."
        )
    },
    test_title: "Un essai : le courrier du central arrive.",
    test_text: "Vous l’avez demandé sur la page. Tout va bien.",
    confirm_title: "Montrez que les messages du central vous arrivent.",
    confirm_text: "Cette adresse est dans la liste de ceux qui sont prévenus quand quelque chose arrive au bureau. Tant que le code n’est pas rempli, aucun message n’arrive ici.",
    again_title: "Les messages du central vous arrivent-ils encore ?",
    again_text: "Vous êtes prévenu quand quelque chose arrive au bureau, et cela reste ainsi. Remplissez le code, pour que chacun voie que l’adresse est encore juste.",
    confirm_code: |code| {
        format!(
            "Le code est {code}\nRemplissez-le sur la page du central, sous Réglages, Sécurité, Qui reçoit un e-mail, ou donnez-le à qui le fait pour vous. Il est valable 7 jours. Vous ne connaissez pas ce central ? Alors ne faites rien."
        )
    },
    farewell_title: "Vous ne recevez plus de messages du central.",
    farewell_text: "Cette adresse a été retirée de la liste de ceux qui sont prévenus. Ce n’est pas juste ? Appelez maintenant qui s’occupe du central : quelqu’un veut peut-être faire taire l’alarme.",
    changed_title: "Sur le central, on a changé ce qu’un voleur changerait aussi.",
    taken_back_title: "Un changement sur le central a été annulé.",
    touched_alerts: "qui est prévenu par e-mail, ou par quel serveur",
    touched_administration: "d’où les propriétaires et les installateurs peuvent se connecter",
    touched_trunk: "l’opérateur {}",
    touched_permit: "ce que le numéro {} peut appeler : plus qu’avant",
    touched_forward: "où vont les appels pour le numéro {} : à l’extérieur",
    touched_rights: "ce que le groupe {} peut appeler : plus qu’avant",
    touched_user: "qui peut se connecter : {} le peut maintenant, ou peut faire plus qu’avant",
    touched_code: "un code avec lequel un autre mot de passe est choisi pour {} ; si vous l’annulez, le mot de passe d’avant vaut de nouveau",
    touched_cap: "une limite de dépenses : elle est plus haute pour un temps",
    touched_retention: "combien de temps le central garde les choses : moins longtemps qu’avant",
    touched_opening: "quand le bureau est ouvert : plus longtemps qu’avant",
    touched_support: "les numéros sous « Aide pour le téléphone » : chacun peut toujours les appeler",
    touched_scanners: "quel appareil peut examiner le central un temps sans être bloqué",
    touched_place: "le pays du bureau, ou son fuseau horaire",
    touched_pin: "le code PIN des téléphones",
    touched_prices: "les prix de l’opérateur {}, avec lesquels les limites de dépenses sont calculées",
    changed_by: |who| format!("C’est {who} qui l’a fait."),
    changed_back: |code, until| {
        format!(
            "C’est juste ? Alors ne faites rien. Ce n’est pas juste ? Annulez-le avant le {until} : sur la page, sous Réglages, Ce qui a changé, Annuler un changement, avec le bouton ou avec ce code :\n{code}\nVous ne pouvez plus vous connecter ? Avec « centraled recover » sur le central même, le propriétaire reçoit un nouveau code."
        )
    },
    story_inside: "Quelqu’un a un mot de passe de vos téléphones.",
    story_money: "Des appels ont été arrêtés, parce qu’ils coûtent trop.",
    story_thieves: "Des appels ont été arrêtés : des voleurs appellent ainsi.",
    story_page: "Quelqu’un est entré sur la page du central avec le mot de passe d’un utilisateur.",
    story_suspected: "Quelqu’un a changé les mots de passe de tous les téléphones.",
    advice_suspected: "Ce n’était pas vous ? Alors quelqu’un d’autre est connecté à la page : changez votre propre mot de passe. Un voleur connaissait un mot de passe ? Le rapport pour l’opérateur est prêt, sur la page sous Réglages, Sécurité, Protection.",
    story_over: "Ce qui a été signalé est terminé.",
    span: |first, last, attempts| format!("du {first} au {last}, {}", attempts_of(attempts)),
    sources: "de",
    accounts: "sous le nom",
    targets: "appelé",
    advice: "Connectez-vous à la page, sous Réglages, Sécurité. Vous y verrez ce que le central a fait et ce que vous pouvez faire.",
    at_stake: "Faites-le aujourd’hui : après une intrusion un opérateur peut mettre fin au contrat, et vous pouvez alors perdre vos numéros de téléphone.",
    advice_provider: "Appelez votre opérateur maintenant et demandez un autre mot de passe. Entrez-le ensuite sur la page.",
    advice_page: "Changez maintenant le mot de passe de cet utilisateur, sous Réglages, Qui peut entrer, et fermez toutes ses sessions. Regardez ensuite sous Réglages, Ce qui a changé, ce qui a été changé.",
    due: |what, until| format!("Encore à faire avant le {until} : {what}."),
    due_what: "C’est la suite de l’intrusion signalée. Connectez-vous à la page et cochez-le quand c’est fait.",
    access: |what, user| match what {
        Access::NewBrowser => format!("{user} s’est connecté avec un navigateur qui n’avait pas encore servi."),
        Access::Elsewhere => format!("{user} a voulu se connecter d’un endroit qui n’est pas permis."),
        Access::PasskeyMade => format!("{user} a une clé d’accès de plus pour se connecter."),
        Access::PasskeyGone => format!("Une clé d’accès de {user} a été retirée."),
        Access::FactorMade => format!("{user} se connecte désormais aussi avec un code d’une application."),
        Access::FactorGone => format!("Une deuxième étape de {user} à la connexion a été désactivée."),
        Access::WatcherMade => format!(
            "{user} a créé une clé pour un programme qui surveille les téléphones. Une clé d’avant ne marche plus."
        ),
        Access::WatcherGone => format!("{user} a retiré la clé du programme qui surveille les téléphones."),
    },
    access_from: |source, at| format!("De {source}, {at}."),
    access_what: "C’est juste ? Alors ne faites rien. Ce n’est pas juste ? Alors quelqu’un connaît le mot de passe. Que l’utilisateur en choisisse un autre sur la page, sous Réglages, Votre mot de passe, et regardez-y qui est connecté.",
    help: |who| format!("Le numéro d’urgence a été appelé par {who}."),
    help_what: "Voyez si quelqu’un au bureau a besoin d’aide, et qui accueille l’ambulance à la porte.",
    problems: &[
        (
            "trunk-unreachable",
            "L’opérateur {} est injoignable. Les appels vers l’extérieur ne marchent pas.",
            "La connexion internet ou l’opérateur est en panne. Le central continue d’essayer. Utilisez des mobiles en attendant.",
        ),
        (
            "trunk-refused",
            "L’opérateur {} refuse le central. Les appels vers l’extérieur ne marchent pas.",
            "Le nom d’utilisateur ou le mot de passe n’est sans doute pas bon. Comparez-les sur la page avec la lettre de l’opérateur.",
        ),
        (
            "trunk-locked-out",
            "L’opérateur {} ne laisse plus entrer le central. Les appels vers l’extérieur ne marchent pas.",
            "Il a reçu trop souvent un mauvais mot de passe. Appelez l’opérateur.",
        ),
        (
            "provider-moved",
            "L’adresse internet de l’opérateur {} mène à un autre endroit.",
            "Demandez à l’opérateur s’il a déménagé. Sinon, quelqu’un se fait peut-être passer pour lui : appelez votre installateur.",
        ),
        (
            "provider-private",
            "L’adresse internet de l’opérateur {} mène à un réseau privé.",
            "Peut-être votre routeur, ou quelqu’un sur votre réseau, répond à sa place : appelez votre installateur.",
        ),
        (
            "no-way-to-help",
            "Personne ne peut appeler le 112 depuis le bureau.",
            "Aucun opérateur ne marche. Utilisez un mobile pour appeler à l’aide jusque-là.",
        ),
        (
            "alarm-line-lost",
            "La ligne {} d’un ascenseur ou d’une alarme n’est pas là.",
            "Elle ne peut pas appeler maintenant. Vérifiez son courant et son câble.",
        ),
        (
            "alarm-call-failed",
            "Un appel de la ligne {}, un ascenseur ou une alarme, n’a pas abouti.",
            "Allez d’abord voir là-bas. Essayez ensuite la ligne.",
        ),
        (
            "alarm-test-missed",
            "La ligne {} d’un ascenseur ou d’une alarme n’a pas fait son appel de test.",
            "Peut-être ne peut-elle plus appeler. Essayez la ligne, ou demandez à qui entretient l’ascenseur ou l’alarme.",
        ),
        (
            "disk-fails",
            "Le central ne peut plus rien écrire.",
            "Son disque est plein ou cassé. Les appels surtaxés ne marchent pas. Montrez ceci à votre installateur aujourd’hui.",
        ),
        (
            "help-not-proven",
            "Un essai du chemin vers le 112 n’a pas abouti par {}.",
            "Deux appels d’essai de suite n’ont pas sonné. Demandez à l’opérateur, ou vérifiez le numéro d’essai.",
        ),
        (
            "device-token-misused",
            "Le téléphone {} est bloqué, parce qu’autre chose a utilisé son accès.",
            "Remettez le téléphone aux réglages d’usine et mettez-le de nouveau en service. Cherchez un appareil inconnu sur le réseau.",
        ),
        (
            "use-far-above-usual",
            "Les appels de {} coûtent aujourd’hui bien plus que d’habitude.",
            "Demandez si c’est juste. Sinon, arrêtez les appels de cette personne sur la page.",
        ),
        (
            "lan-phone-moved",
            "Le téléphone {} est sur un autre réseau du bureau qu’avant.",
            "Quelqu’un l’a-t-il déplacé ? Dites alors à votre opérateur où il est, car les secours vont à l’adresse du bureau. Sinon, cherchez-le.",
        ),
        (
            "lan-router-posed",
            "Quelqu’un sur le réseau du bureau se fait passer pour votre routeur.",
            "Cherchez l’appareil dont l’adresse est sur la page, et débranchez-le. Si vous ne le trouvez pas, appelez votre installateur aujourd’hui.",
        ),
        (
            "lan-phones-posed",
            "Un seul appareil sur le réseau du bureau se fait passer pour plusieurs téléphones.",
            "Cherchez l’appareil dont l’adresse est sur la page, et débranchez-le. Un nouveau répéteur wifi peut faire la même chose.",
        ),
    ],
    mended: |title| format!("C’est terminé : {title}"),
    period: |from, until| format!("Du {from} au {until} :"),
    blocked: |attempts, inside| match (attempts, inside) {
        (0, 0) => "Personne n’a essayé d’entrer.".to_owned(),
        (1, 0) => "Bloqué : 1 tentative, elle n’est pas entrée.".to_owned(),
        (_, 0) => format!("Bloqué : {attempts} tentatives, aucune n’est entrée."),
        (_, 1) => format!("{} d’intrusion ; quelqu’un est entré une fois.", attempts_of(attempts)),
        _ => format!("{} d’intrusion ; quelqu’un est entré {inside} fois.", attempts_of(attempts)),
    },
    euro: |cents| format!("{},{:02} €", cents / 100, cents % 100),
    paid_calls: |calls, euro| format!("Appels qui coûtent : {calls}, {euro}"),
    of_night: |calls, euro| format!("Dont dans la nuit depuis 18:00 : {calls}, {euro}"),
    week: |euro| format!("Vos appels de cette semaine : {euro}."),
    week_what: "Les montants sont ceux du central. Quelque chose ne va pas ? Signalez-le à votre opérateur dans les 8 jours. La page, sous Appels, les compare à la facture.",
    many: |count, inside| {
        if inside {
            format!("Encore {count} messages sur des intrusions et de l’argent.")
        } else {
            format!("Encore {count} messages.")
        }
    },
    many_what: "Il s’est passé plus que ce qui fait l’objet d’un courrier. La page dit tout.",
};

fn attempts_of(count: u64) -> String {
    if count < 2 { format!("{count} tentative") } else { format!("{count} tentatives") }
}
