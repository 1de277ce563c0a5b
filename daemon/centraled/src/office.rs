//! `apply` and `export`: the office as one file.

use std::io::{Read as _, Write as _};
use std::path::Path;

use centrale_provisioning::Model;
use centrale_store::{Act, Author, Store, StoreError};

use crate::cli::{Fault, say};
use crate::settings::Settings;
use crate::templates::Templates;

/// Makes the office what the file says. A running box sees the new revision within moments.
pub(crate) fn apply(settings: &Settings, file: &Path) -> Result<(), Fault> {
    let text = read(file)?;
    let store = Store::open(&settings.state_dir).map_err(Fault::machine)?;
    let before = store.office().map_err(Fault::machine)?;
    // Of a folder that is refused `check` tells; the running box does without it, too.
    let catalogue = Templates::choose(&settings.state_dir)?.catalogue;
    let most = |model: &str| catalogue.model_named(model).map(Model::most_handsets);
    let (revision, previous) = before.map_or((0, None), |(revision, office)| (revision, Some(office)));
    let draft = store.read_office_file(&text).and_then(|draft| draft.check_models(most));
    let draft = draft.and_then(|draft| draft.check_pins(previous.as_ref())).map_err(|refusals| {
        let name = file.display();
        Fault::Office(refusals.iter().map(|refusal| format!("{name}: {refusal}")).collect())
    })?;
    let office = store.settle(draft, previous.as_ref()).map_err(Fault::machine)?;
    let author = Author { who: "apply".into(), when_unix_ms: crate::time::unix_ms(), why: "office file".into() };
    match store.commit(&office, revision, author) {
        Ok(number) if number == revision => {
            say(&format!("The office is as the file says already (revision {number})."))
        }
        Ok(number) => {
            let (who, what) = ("apply".to_owned(), "applied".to_owned());
            let (at_unix_ms, revision) = (crate::time::unix_ms(), Some(number));
            let act = Act { at_unix_ms, who, source: String::new(), what, about: String::new(), revision };
            store.note_act(act).map_err(Fault::machine)?;
            say(&format!("The office is now as the file says (revision {number})."))
        }
        Err(StoreError::Stale { .. }) => Err(Fault::Stale),
        Err(fault) => Err(Fault::machine(fault)),
    }
}

/// Writes the office to standard output.
pub(crate) fn export(settings: &Settings) -> Result<(), Fault> {
    let store = Store::open(&settings.state_dir).map_err(Fault::machine)?;
    let Some((_, office)) = store.office().map_err(Fault::machine)? else {
        return Err(Fault::Machine("there is no office yet; apply a file, or set the box up on its page".into()));
    };
    let text = store.export(&office).map_err(Fault::machine)?;
    std::io::stdout().write_all(text.as_bytes()).map_err(Fault::machine)
}

fn read(file: &Path) -> Result<String, Fault> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    text.map_err(|cause| Fault::Office(vec![format!("cannot read {}: {cause}", file.display())]))
}
