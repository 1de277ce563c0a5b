//! Makes the folder that is embedded, so that the daemon builds where the page was not built, and has cargo look at it.

#![allow(clippy::print_stdout, reason = "cargo reads a build script's instructions from its standard output")]

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let page = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web-ui/dist");
    fs::create_dir_all(&page)?;
    println!("cargo::rerun-if-changed={}", page.display());
    Ok(())
}
