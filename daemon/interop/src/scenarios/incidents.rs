//! What real scanners did, as the box tells it: one story each, and a report that the programs of others read.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use super::setting_up::Shop;
use crate::failure::Tried;
use crate::{Failure, Place, Result};

/// After the scanners: each address is a story, none of them got in, and the report of the longest is a sound PDF that names
/// the address, the office's own program, and times with their offset.
pub(super) fn are_told(shop: &Shop, place: &Place) -> Result<()> {
    let told = |value: &Value| value["incidents"].as_array().is_some_and(|all| all.len() >= 5);
    let mut list = shop.page.read("incidents")?;
    let deadline = std::time::Instant::now() + crate::transcript::PATIENCE;
    while !told(&list) && std::time::Instant::now() < deadline {
        list = shop.page.read("incidents")?;
    }
    let all = list["incidents"].as_array().cloned().unwrap_or_default();
    if all.len() < 5 || all.len() > 12 || all.iter().any(|one| one["reached"] != "nothing") {
        return Err(Failure::Unexpected(format!("the scanners are these stories: {list}")));
    }
    let longest = all.iter().max_by_key(|one| one["attempts"].as_u64()).cloned().unwrap_or_default();
    let (id, source) = (longest["id"].as_str().unwrap_or_default(), longest["subject"].as_str().unwrap_or_default());
    let pdf = shop.page.read_text(&format!("incidents/{id}/report.pdf?language=nl"))?;
    let file = shop.centraled.state().join("report.pdf");
    std::fs::write(&file, pdf).tried(|| "write the report".to_owned())?;
    reads(place, "qpdf", &["--check"], &file)?;
    let text = reads(place, "pdftotext", &["-layout"], &file)?;
    for wanted in ["Melding van een incident", source, "De genomen maatregelen", "+0", "Einde van het logboek"] {
        if !text.contains(wanted) {
            return Err(Failure::Unexpected(format!("the report does not say {wanted}: {text}")));
        }
    }
    Ok(())
}

/// Has a program read the file; what it says of it.
fn reads(place: &Place, program: &str, told: &[&str], file: &Path) -> Result<String> {
    let mut command = place.command(program);
    command.args(told).arg(file).stdin(Stdio::null());
    if program == "pdftotext" {
        command.arg("-");
    }
    let output = command.output().tried(|| format!("start {program}"))?;
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    if output.status.success() { Ok(said) } else { Err(Failure::Unexpected(format!("{program} says {said}"))) }
}
