//! The authorities of phones' makers that somebody laid into the state folder: `makers/<maker>/*.pem`, the maker by its
//! folder's name in the templates (`makers/yealink/root.pem`). None comes with the program: makers give them to whoever
//! asks, and not for passing on. Read once, at the start. A certificate that is no good is said and passed over, and the
//! others count: phones of which none is left are set up on somebody's word, as they are without any.

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
        for path in entries(&folder.join(maker)) {
            for authority in authorities_in(&path) {
                makers.add_authority(maker, authority).unwrap_or_else(|fault| warn(&path, &fault));
            }
        }
        let count = makers.authorities(maker);
        if count > 0 {
            tracing::info!(maker, count, "phones of this maker are believed by its authorities");
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

/// The certificates in a file of PEM. What is no such file is not opened: a pipe would be waited for.
fn authorities_in(path: &Path) -> Vec<CertificateDer<'static>> {
    let named = path.extension().is_some_and(|end| end == "pem");
    if !named || !fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        tracing::warn!(path = %path.display(), "only files whose names end in .pem are read here");
        return Vec::new();
    }
    let read = match CertificateDer::pem_file_iter(path) {
        Ok(read) => read,
        Err(fault) => {
            warn(path, &fault);
            return Vec::new();
        }
    };
    let mut count = 0_usize;
    let found: Vec<_> =
        read.inspect(|_| count += 1).filter_map(|one| one.map_err(|fault| warn(path, &fault)).ok()).collect();
    if count == 0 {
        tracing::warn!(path = %path.display(), "no certificate (PEM) is in this file");
    }
    found
}

fn warn(path: &Path, fault: &dyn std::fmt::Display) {
    tracing::warn!(path = %path.display(), %fault, "a certificate of a phones' maker cannot be used");
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    use super::*;

    fn authority() -> String {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    }

    #[test]
    fn a_certificate_or_a_file_that_is_no_good_takes_no_other_one_with_it() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("makers/yealink");
        fs::create_dir_all(folder.join("older.pem")).unwrap();
        let lay = |name: &str, content: &str| fs::write(folder.join(name), content).unwrap();
        let no_base64 = "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n";
        let no_certificate = "-----BEGIN CERTIFICATE-----\nMIL//w==\n-----END CERTIFICATE-----\n";
        lay("a.pem", &format!("{}{no_base64}{no_certificate}{}", authority(), authority()));
        lay("b.pem", "");
        lay("c.pem", &authority());
        lay("d.pem.old", &authority());
        let catalogue = Arc::new(Catalogue::embedded().unwrap());
        let makers = read(&catalogue, state.path());
        assert_eq!((makers.authorities("yealink"), makers.authorities("snom")), (3, 0));
    }

    #[test]
    fn a_pipe_does_not_keep_the_box_from_starting() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("makers/yealink");
        fs::create_dir_all(&folder).unwrap();
        nix::unistd::mkfifo(&folder.join("a.pem"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        let catalogue = Arc::new(Catalogue::embedded().unwrap());
        assert_eq!(read(&catalogue, state.path()).authorities("yealink"), 0);
    }
}
