//! Phone models that somebody laid into the state folder: `templates/<maker>/...`, manifests and templates as in
//! `provisioning-templates/`, laid over the shipped ones. Read once, at the start. What is wrong there is said with its
//! file and line, and the box then does with the shipped ones alone: a typing error must never keep an office from calling.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use centrale_call_control::view::{ProblemView, Severity};
use centrale_provisioning::Catalogue;

use crate::cli::{Fault, say};

/// Name of the folder below the state folder.
const FOLDER: &str = "templates";
/// The shipped files are a twentieth of this; a picture or a firmware that lies there by mistake is more.
const LARGEST_FILE: u64 = 256 * 1024;
/// Likewise for how many there are.
const MOST_FILES: usize = 256;
/// Maker, family, and room for folders in between.
const DEEPEST: usize = 8;
/// The folder is refused. About the whole box, until it is started again.
const REFUSED: &str = "templates-refused";

/// The models that the box knows.
pub(crate) struct Templates {
    pub(crate) catalogue: Arc<Catalogue>,
    /// What is wrong in the state folder, when the shipped models are all there are.
    pub(crate) refused: Option<String>,
}

impl Templates {
    /// The shipped models with what lies in the state folder, or alone when something is wrong there, which is logged.
    pub(crate) fn choose(state_dir: &Path) -> Result<Self, Fault> {
        let fault = match read(state_dir) {
            Ok(Some(catalogue)) => return Ok(Self { catalogue: Arc::new(catalogue), refused: None }),
            Ok(None) => None,
            Err(fault) => Some(fault),
        };
        if let Some(fault) = &fault {
            tracing::warn!(%fault, "the phone templates in the state folder are not used");
        }
        let shipped = Catalogue::embedded().map_err(Fault::machine)?;
        Ok(Self { catalogue: Arc::new(shipped), refused: fault })
    }

    /// Says whether what lies in the state folder can be used.
    pub(crate) fn check(state_dir: &Path) -> Result<(), Fault> {
        match read(state_dir).map_err(Fault::Templates)? {
            Some(catalogue) => say(&format!("The phone templates are right: {} models.", catalogue.models().len())),
            None => Ok(()),
        }
    }
}

/// What the page is told.
pub(crate) fn problem(fault: &str) -> ProblemView {
    let (code, detail) = (REFUSED.into(), fault.to_owned());
    ProblemView { code, subject: String::new(), severity: Severity::Warning, detail }
}

/// The shipped models with those of the state folder; none where nothing lies there. Each of their files was written once.
fn read(state_dir: &Path) -> Result<Option<Catalogue>, String> {
    let root = state_dir.join(FOLDER);
    let mut paths = Vec::new();
    find(&root, DEEPEST, &mut paths)?;
    if paths.is_empty() {
        return Ok(None);
    }
    let files = paths.iter().map(|path| text_of(&root, path)).collect::<Result<Vec<_>, _>>()?;
    let catalogue = Catalogue::with_overlay(files).map_err(|fault| said(&fault))?;
    catalogue.try_out().map_err(|fault| said(&fault))?;
    Ok(Some(catalogue))
}

/// In one line, with the folder before the file.
fn said(fault: &dyn std::fmt::Display) -> String {
    format!("{FOLDER}/{fault}")
}

/// Every manifest and template below a folder. Others may lie there: golden files, notes.
fn find(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(format!("{}: {fault}", folder.display())),
    };
    for entry in entries {
        let path = entry.map_err(|fault| format!("{}: {fault}", folder.display()))?.path();
        if path.is_dir() {
            if depth == 0 {
                return Err(format!("{}: folders lie too deep here", path.display()));
            }
            find(&path, depth - 1, paths)?;
        } else if path.extension().is_some_and(|end| end == "toml" || end == "jinja") {
            paths.push(path);
        }
        if paths.len() > MOST_FILES {
            return Err(format!("{FOLDER}: there are more than {MOST_FILES} manifests and templates"));
        }
    }
    Ok(())
}

/// The path from the folder, and the text. What is no ordinary file is not opened: a pipe would be waited for.
fn text_of(root: &Path, path: &Path) -> Result<(String, String), String> {
    let name = path.strip_prefix(root).ok().and_then(Path::to_str);
    let name = name.ok_or_else(|| format!("{}: its name is not UTF-8", path.display()))?;
    let wrong = |fault: &dyn std::fmt::Display| format!("{FOLDER}/{name}: {fault}");
    let metadata = fs::metadata(path).map_err(|fault| wrong(&fault))?;
    if !metadata.is_file() || metadata.len() > LARGEST_FILE {
        return Err(wrong(&format!("not a file of at most {LARGEST_FILE} bytes")));
    }
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|fault| wrong(&fault))?;
    file.take(LARGEST_FILE).read_to_string(&mut text).map_err(|fault| wrong(&fault))?;
    Ok((name.to_owned(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths below the folder, and what is there.
    type Files<'a> = &'a [(&'a str, &'a [u8])];

    /// A state folder with these files of templates in it.
    fn state(files: Files<'_>) -> tempfile::TempDir {
        let state = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = state.path().join(FOLDER).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        state
    }

    const MODEL: &str = "[files]\nphone = \"snom/d7xx/phone.xml.jinja\"\n[[model]]\nname = \"D999\"\naccounts = 1\n\
        line_keys = 1\nphysical_line_keys = 1\ndisplay = \"\"\ncodecs = [\"pcma\"]\ncertificate = \"unique\"\n\
        tls = true\nsrtp = true\n";

    fn has(templates: &Templates, model: &str) -> bool {
        templates.catalogue.model_named(model).is_some()
    }

    #[test]
    fn what_lies_in_the_folder_is_laid_over_the_shipped_models_and_notes_may_lie_beside_it() {
        let folder = state(&[("snom/d9xx/manifest.toml", MODEL.as_bytes()), ("snom/d9xx/notes.txt", b"\xff")]);
        let templates = Templates::choose(folder.path()).unwrap();
        assert!(has(&templates, "D999") && has(&templates, "D785"));
        assert_eq!(templates.refused, None);
        assert!(Templates::check(folder.path()).is_ok());
    }

    #[test]
    fn a_folder_with_a_fault_is_refused_as_a_whole_and_the_shipped_models_stay() {
        let large = vec![b' '; 300_000];
        let own = "{{ office.nobody }}";
        let misspelt = MODEL.replace("line_keys = 1\nphys", "line_kays = 1\nphys");
        let own_phone = MODEL.replace("snom/d7xx/phone", "snom/d9xx/phone");
        let table: [(&str, Files<'_>); 4] = [
            (
                "templates/snom/d9xx/manifest.toml, line 6: unknown field `line_kays`",
                &[("snom/d9xx/manifest.toml", misspelt.as_bytes())],
            ),
            (
                "templates/snom/d9xx/phone.xml.jinja, line 1: undefined value (for a D999)",
                &[("snom/d9xx/manifest.toml", own_phone.as_bytes()), ("snom/d9xx/phone.xml.jinja", own.as_bytes())],
            ),
            (
                "templates/snom/d9xx/manifest.toml: not a file of at most 262144 bytes",
                &[("snom/d9xx/manifest.toml", &large)],
            ),
            (
                "templates/snom/d9xx/manifest.toml: stream did not contain valid UTF-8",
                &[("snom/d9xx/manifest.toml", b"\xff")],
            ),
        ];
        for (expected, files) in table {
            let folder = state(files);
            let templates = Templates::choose(folder.path()).unwrap();
            let refused = templates.refused.as_deref().unwrap_or_default();
            assert!(refused.starts_with(expected), "{refused}");
            assert!(has(&templates, "D785") && !has(&templates, "D999"));
            let Err(Fault::Templates(checked)) = Templates::check(folder.path()) else { panic!("{expected}") };
            assert_eq!(checked, refused);
        }
    }

    #[test]
    fn where_nobody_laid_anything_there_is_nothing_to_say() {
        let folder = tempfile::tempdir().unwrap();
        let templates = Templates::choose(folder.path()).unwrap();
        assert!(templates.refused.is_none() && has(&templates, "T46S"));
        assert!(Templates::check(folder.path()).is_ok());
    }
}
