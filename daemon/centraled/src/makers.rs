//! The authorities of phones' makers that somebody laid into the state folder: `makers/<maker>/*.pem`, the maker by its
//! folder's name in the templates (`makers/yealink/root.pem`). None comes with the program: makers give them to whoever
//! asks, and not for passing on. Read once, at the start. A file that is no good is said and passed over: phones of that
//! maker are then set up on somebody's word, as they are without it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use centrale_http::Makers;
use centrale_provisioning::Catalogue;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// Name of the folder below the state folder.
const FOLDER: &str = "makers";

/// The makers of this catalogue with the authorities that are there.
pub(crate) fn read(catalogue: &Arc<Catalogue>, state_dir: &Path) -> Makers {
    let folder = state_dir.join(FOLDER);
    let known = |maker: &str| catalogue.vendor(maker).is_some_and(|vendor| vendor.certificate.is_some());
    for stray in
        entries(&folder).iter().filter(|path| !path.file_name().and_then(|name| name.to_str()).is_some_and(known))
    {
        tracing::warn!(path = %stray.display(), "no maker of phones with certificates has this name");
    }
    let mut makers = Makers::new(Arc::clone(catalogue));
    for maker in catalogue.vendors().map(|vendor| vendor.id.as_str()).filter(|maker| known(maker)) {
        let authorities: Vec<_> = entries(&folder.join(maker)).iter().flat_map(|path| authorities_in(path)).collect();
        if authorities.is_empty() {
            continue;
        }
        let count = authorities.len();
        match makers.clone().with_authorities(maker, authorities) {
            Ok(with) => {
                tracing::info!(maker, count, "phones of this maker are believed by its authorities");
                makers = with;
            }
            Err(fault) => tracing::warn!(maker, %fault, "the authorities of this maker cannot be used"),
        }
    }
    makers
}

/// What is in a folder, in the order of the names; nothing when there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The certificates in a file of PEM.
fn authorities_in(path: &Path) -> Vec<CertificateDer<'static>> {
    let read = CertificateDer::pem_file_iter(path).and_then(|found| found.collect::<Result<Vec<_>, _>>());
    match read {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => {
            tracing::warn!(path = %path.display(), "no certificate (PEM) is in this file");
            Vec::new()
        }
        Err(fault) => {
            tracing::warn!(path = %path.display(), %fault, "this file cannot be read");
            Vec::new()
        }
    }
}
