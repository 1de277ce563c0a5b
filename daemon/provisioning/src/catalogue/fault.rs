//! What can be wrong with manifests and templates, each with its file and, where it has one, its line.

/// Why manifests and templates do not make a catalogue. The fault is in the files, and the path says in which.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// A manifest is not the TOML it should be.
    #[error("{path}, line {line}: {reason}")]
    Manifest {
        /// The file.
        path: String,
        /// Its line, from 1; 0 when unknown. Where a whole model lacks something, the line it begins at.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// The first half of a MAC address is written wrongly.
    #[error("{path}, line {line}: \"{oui}\" is not six lower-case hexadecimal digits")]
    Oui {
        /// The file.
        path: String,
        /// Its line, from 1.
        line: usize,
        /// What was written.
        oui: String,
    },
    /// A family lies in a folder whose maker has no `vendor.toml`.
    #[error("{path}: there is no {vendor}/vendor.toml")]
    NoVendor {
        /// The manifest.
        path: String,
        /// The missing maker.
        vendor: String,
    },
    /// Two models answer to the same name.
    #[error("{path}, line {line}: another model is already called {name}")]
    Twice {
        /// The manifest that came second.
        path: String,
        /// The line at which its model begins, from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// A manifest names a template that does not exist.
    #[error("{path}, line {line}: there is no template {template}")]
    NoTemplate {
        /// The manifest.
        path: String,
        /// Its line, from 1.
        line: usize,
        /// The missing template.
        template: String,
    },
    /// A template's ending does not say how its values are escaped.
    #[error("{path}: a template's name ends in .cfg.jinja or .xml.jinja")]
    Ending {
        /// The template.
        path: String,
    },
    /// A template cannot be read, or makes no file.
    #[error("{path}, line {line}: {reason}")]
    Template {
        /// The template.
        path: String,
        /// Its line, from 1; 0 when unknown.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl CatalogueError {
    /// A fault that TOML's reader found; it says nothing of its place in what was put together of several tables, and
    /// then it is the line of the key that it names, in the table that begins at `from`.
    pub(super) fn manifest(path: &str, text: &str, from: usize, cause: &toml::de::Error) -> Self {
        let line = match cause.span() {
            Some(span) => line_at(text, span.start),
            None => line_of_key(text, from, &cause.to_string()).unwrap_or_else(|| line_at(text, from)),
        };
        Self::Manifest { path: path.to_owned(), line, reason: cause.message().replace('\n', " ") }
    }
}

/// The line of a place in a text, from 1.
pub(super) fn line_at(text: &str, place: usize) -> usize {
    let before = text.as_bytes().get(..place).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// The first line that holds some words, from 1; 0 when none does.
pub(super) fn line_with(text: &str, words: &str) -> usize {
    text.find(words).map_or(0, |place| line_at(text, place))
}

/// Where the key is written that a fault speaks of: it says "in `key`" at its end, or names an unknown key first.
fn line_of_key(text: &str, from: usize, said: &str) -> Option<usize> {
    let quoted = |text: &str| Some(text.split_once('`')?.1.split_once('`')?.0.to_owned());
    let key = said.lines().find_map(|line| quoted(line.strip_prefix("in ")?)).or_else(|| quoted(said))?;
    let is_it =
        |line: &str| line.trim_start().strip_prefix(&key).is_some_and(|rest| rest.trim_start().starts_with('='));
    let first = line_at(text, from);
    let after = text.lines().zip(1..).skip(first - 1).find(|(line, _)| is_it(line));
    // What models have in common stands above all of them.
    after.or_else(|| text.lines().zip(1..).find(|(line, _)| is_it(line))).map(|(_, number)| number)
}
