//! Puts the manifests and templates of `provisioning-templates/` into the crate, as a list of paths and texts.
//!
//! Only manifests (`.toml`) and templates (`.jinja`) go in; golden files and lists of known names are for the tests.

#![allow(clippy::print_stdout, reason = "cargo reads a build script's instructions from its standard output")]
#![allow(clippy::disallowed_methods, reason = "this runs while the crate is built, and is not part of it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let root = crate_dir.join("../../provisioning-templates").canonicalize()?;
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let mut list = String::from("/// Path from the templates' root, and text, of every manifest and template.\n");
    list.push_str("pub(super) static EMBEDDED: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        writeln!(list, "    ({name:?}, include_str!({:?})),", file.display().to_string()).map_err(io::Error::other)?;
    }
    list.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("embedded.rs"), list)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml" || extension == "jinja") {
            files.push(path);
        }
    }
    Ok(())
}
