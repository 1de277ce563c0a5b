//! The phones we know: makers, models and the templates that write their files.
//!
//! In: the manifests and templates of `provisioning-templates/`, embedded at compile time, and files laid over them to
//! try a new model. Out: the model a phone claims to be, and the text of a file. A new model is a manifest and perhaps
//! a template, never Rust. It may not read the disk: files come in as text.

pub(crate) mod escape;
mod fault;
mod manifest;
pub(crate) mod sheet;
mod trial;

use std::collections::BTreeMap;

use centrale_config::Mac;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};

pub use fault::CatalogueError;
pub use manifest::{
    CertificateKind, CommonName, Confidence, DeviceCertificate, Files, Ground, Model, Screen, Vendor, Words,
};

use crate::recognise::Dialect;
use escape::Format;
use sheet::Sheet;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Why a file could not be written. Holds no value that the file would have held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{template}, line {line}: {kind}")]
pub struct RenderError {
    /// The template.
    pub template: String,
    /// Its line, from 1; 0 when unknown.
    pub line: usize,
    /// The kind of fault.
    pub kind: String,
}

/// Which of a model's files is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    Boot,
    Bootstrap,
    Waiting,
    Phone,
}

/// A written file.
pub(crate) struct Rendered {
    pub(crate) content_type: &'static str,
    pub(crate) text: String,
}

/// Every maker, model and template.
#[derive(Debug)]
pub struct Catalogue {
    vendors: BTreeMap<String, Vendor>,
    models: Vec<Model>,
    /// Maker and lower-case name or alias, to the place in `models`.
    by_name: BTreeMap<(String, String), usize>,
    templates: Environment<'static>,
}

impl Catalogue {
    /// The catalogue that the box ships with.
    ///
    /// # Errors
    /// Never in a released box: the tests build it.
    pub fn embedded() -> Result<Self, CatalogueError> {
        Self::with_overlay(std::iter::empty())
    }

    /// The shipped catalogue with files laid over it, each a path from the templates' root and its text. A file of the
    /// same path replaces the shipped one. Files that are neither `.toml` nor `.jinja` are passed over.
    ///
    /// # Errors
    /// The first fault found in the files.
    pub fn with_overlay(files: impl IntoIterator<Item = (String, String)>) -> Result<Self, CatalogueError> {
        let shipped = EMBEDDED.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self::from_files(&shipped.chain(files).collect())
    }

    fn from_files(files: &BTreeMap<String, String>) -> Result<Self, CatalogueError> {
        let mut catalogue = Self {
            vendors: BTreeMap::new(),
            models: Vec::new(),
            by_name: BTreeMap::new(),
            templates: empty_environment(),
        };
        for (path, text) in files {
            if let Some(id) = path.strip_suffix("/vendor.toml").filter(|id| !id.contains('/')) {
                catalogue.vendors.insert(id.to_owned(), manifest::read_vendor(path, id, text)?);
            } else if path.ends_with(".jinja") {
                catalogue.add_template(path, text)?;
            }
        }
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with("/manifest.toml")) {
            catalogue.add_family(path, text)?;
        }
        Ok(catalogue)
    }

    fn add_template(&mut self, path: &str, text: &str) -> Result<(), CatalogueError> {
        if Format::of(path).is_none() {
            return Err(CatalogueError::Ending { path: path.to_owned() });
        }
        self.templates.add_template_owned(path.to_owned(), text.to_owned()).map_err(|cause| CatalogueError::Template {
            path: path.to_owned(),
            line: cause.line().unwrap_or(0),
            reason: cause.detail().map_or_else(|| cause.kind().to_string(), str::to_owned),
        })
    }

    fn add_family(&mut self, path: &str, text: &str) -> Result<(), CatalogueError> {
        let vendor = path.split('/').next().unwrap_or_default();
        if !self.vendors.contains_key(vendor) {
            return Err(CatalogueError::NoVendor { path: path.to_owned(), vendor: vendor.to_owned() });
        }
        for (line, model) in manifest::read_family(path, vendor, text)? {
            self.check_templates(path, text, &model)?;
            let place = self.models.len();
            for name in std::iter::once(&model.name).chain(&model.aliases) {
                let key = (vendor.to_owned(), name.to_ascii_lowercase());
                if self.by_name.insert(key, place).is_some() {
                    return Err(CatalogueError::Twice { path: path.to_owned(), line, name: name.clone() });
                }
            }
            self.models.push(model);
        }
        Ok(())
    }

    fn check_templates(&self, path: &str, text: &str, model: &Model) -> Result<(), CatalogueError> {
        let named = model.files.iter().flat_map(|files| {
            [&files.boot, &files.bootstrap, &files.waiting].into_iter().flatten().chain([&files.phone])
        });
        for template in named {
            if self.templates.get_template(template).is_err() {
                let line = fault::line_with(text, template);
                return Err(CatalogueError::NoTemplate { path: path.to_owned(), line, template: template.clone() });
            }
        }
        Ok(())
    }

    /// Every model, in the order of the manifests.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// A maker by its folder name.
    pub fn vendor(&self, id: &str) -> Option<&Vendor> {
        self.vendors.get(id)
    }

    /// Whose MAC address it is, by its first half.
    pub fn vendor_of_mac(&self, mac: Mac) -> Option<&Vendor> {
        let text = mac.to_string();
        let oui = text.get(..6)?;
        self.vendors.values().find(|vendor| vendor.ouis.iter().any(|known| known == oui))
    }

    /// The maker by the name in a PnP packet.
    pub fn vendor_named(&self, name: &str) -> Option<&Vendor> {
        self.vendors.values().find(|vendor| vendor.pnp_names.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Every maker, by folder name.
    pub fn vendors(&self) -> impl Iterator<Item = &Vendor> {
        self.vendors.values()
    }

    /// The maker whose phones speak a dialect.
    pub fn vendor_speaking(&self, dialect: Dialect) -> Option<&Vendor> {
        self.vendors.values().find(|vendor| vendor.dialect == dialect)
    }

    /// The model that a phone of this maker means by a name: `T46S`, `SIP-T46S`, `snomD785`, `715`. Without case.
    pub fn model(&self, vendor: &str, name: &str) -> Option<&Model> {
        let lower = name.trim().to_ascii_lowercase();
        let bare = ["sip-", "sip ", "snom"].iter().find_map(|word| lower.strip_prefix(word)).unwrap_or(&lower);
        let place = self.by_name.get(&(vendor.to_owned(), bare.to_owned()))?;
        self.models.get(*place)
    }

    /// The model with this name, whoever makes it. This is how an office file names a model.
    pub fn model_named(&self, name: &str) -> Option<&Model> {
        self.vendors.keys().find_map(|vendor| self.model(vendor, name))
    }

    /// Writes one of a model's files. `None` when the model has no such file.
    pub(crate) fn render(
        &self,
        model: &Model,
        stage: Stage,
        sheet: &Sheet<'_>,
    ) -> Option<Result<Rendered, RenderError>> {
        let files = model.files.as_ref()?;
        let name = match stage {
            Stage::Boot => files.boot.as_ref()?,
            Stage::Bootstrap => files.bootstrap.as_ref()?,
            Stage::Waiting => files.waiting.as_ref()?,
            Stage::Phone => &files.phone,
        };
        Some(self.render_template(name, sheet))
    }

    fn render_template(&self, name: &str, sheet: &Sheet<'_>) -> Result<Rendered, RenderError> {
        // Only the place and the kind of a fault leave this function: the engine's own error may quote values.
        let refused = |cause: minijinja::Error| RenderError {
            template: cause.name().unwrap_or(name).to_owned(),
            line: cause.line().unwrap_or(0),
            kind: cause.kind().to_string(),
        };
        let content_type = Format::of(name).map_or("text/plain; charset=utf-8", Format::content_type);
        let text =
            self.templates.get_template(name).and_then(|template| template.render(Serde(sheet))).map_err(refused)?;
        Ok(Rendered { content_type, text })
    }
}

fn empty_environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(escape::choose);
    environment.set_formatter(escape::write);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("only whitespace was changed, and that cannot conflict"));
    environment
}
