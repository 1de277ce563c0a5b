//! One run through a provisioning address: which file comes next, and what was found.

use std::collections::VecDeque;

use bytes::Bytes;

/// What a file is to the phone that asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Yealink's `<mac>.boot`.
    OwnBoot,
    /// Yealink's `y000000000000.boot`.
    CommonBoot,
    /// Yealink's file for every phone of the model.
    CommonConfig,
    /// Yealink's `<mac>.cfg`.
    OwnConfig,
    /// A file that a boot file or a list of files names.
    Named,
    /// A Snom's file for every phone of the type.
    TypeFile,
    /// A Snom's own file.
    OwnFile,
    /// An address that names a file: only this one.
    Only,
    /// An authority's certificate.
    Certificate,
    /// A picture for the screen.
    Picture,
    /// A Snom's list of software.
    SoftwareList,
    /// The phone's own software, a part at a time.
    Software,
}

impl Ask {
    /// Whether it is fetched beside the settings, whose password and whose failure are none of its own.
    pub(super) const fn is_beside(self) -> bool {
        matches!(self, Self::Certificate | Self::Picture | Self::SoftwareList | Self::Software)
    }
}

/// A file that came.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) name: String,
    pub(super) body: Bytes,
}

/// A run.
#[derive(Debug)]
pub(super) struct Run {
    /// The folder that the run is about, with its slash.
    pub(super) folder: String,
    pub(super) waiting: VecDeque<(Ask, String)>,
    pub(super) current: Option<(Ask, String)>,
    /// How often the current file broke off.
    pub(super) broken: u32,
    /// Whether credentials went along already.
    pub(super) authorized: bool,
    pub(super) taken: Vec<Taken>,
    /// Whether what is not in the files goes back to the factory's value.
    pub(super) overwrite: bool,
    /// Whether what was taken is in force already (only certificates, pictures and software are still fetched).
    pub(super) applied: bool,
    /// Whether that changed anything.
    pub(super) changed: bool,
    /// Whether that is another order in which a Snom looks for its settings: then it begins to look at once.
    pub(super) looks_anew: bool,
    /// As much of its software as came.
    pub(super) software: Vec<u8>,
    /// The version that came whole.
    pub(super) installs: Option<String>,
}

impl Run {
    pub(super) fn new(url: &str) -> Self {
        let folder = url.rfind('/').and_then(|slash| url.get(..=slash)).unwrap_or(url).to_owned();
        Self {
            folder,
            waiting: VecDeque::new(),
            current: None,
            broken: 0,
            authorized: false,
            taken: Vec::new(),
            overwrite: false,
            applied: false,
            changed: false,
            looks_anew: false,
            software: Vec::new(),
            installs: None,
        }
    }

    pub(super) fn ask(&mut self, ask: Ask, name: &str) {
        let url = if name.contains("://") { name.to_owned() } else { format!("{}{name}", self.folder) };
        self.waiting.push_back((ask, url));
    }

    pub(super) fn take(&mut self, url: &str, body: Bytes) {
        let name = url.rsplit('/').next().unwrap_or_default().to_owned();
        self.taken.push(Taken { name, body });
    }
}

/// Whether an address names a file rather than a folder.
pub(super) fn names_a_file(url: &str) -> bool {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    path.contains('?') || path.rsplit_once('/').is_some_and(|(_, last)| last.contains('.'))
}
