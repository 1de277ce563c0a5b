//! nginx (Debian's 1.22) with files over TLS, as lean as can be: what the box's answers to phones are measured against.

use std::net::SocketAddr;

use tempfile::TempDir;

use crate::failure::Tried;
use crate::{Certificate, Failure, Place, Process, Program, Result};

/// A running nginx.
#[derive(Debug)]
pub struct Nginx {
    process: Process,
    address: SocketAddr,
    /// Its configuration and its files.
    _directory: TempDir,
}

impl Nginx {
    /// Starts it with `files`, path and content each, and `certificate`. It takes what the box takes: a connection for
    /// each file, TLS without resumption.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(place: &Place, files: &[(String, String)], certificate: &Certificate) -> Result<Nginx> {
        let directory = tempfile::tempdir().tried(|| "make a folder for nginx".to_owned())?;
        let address = SocketAddr::new(place.address, place.free_ports(1)?);
        let root = directory.path().join("files");
        for (path, content) in files {
            let file = root.join(path.trim_start_matches('/'));
            let folder = file.parent().ok_or_else(|| Failure::Unexpected(format!("{path} is no path of a file")))?;
            let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, content));
            written.tried(|| "write nginx's files".to_owned())?;
        }
        let text = include_str!("../peers/nginx.conf")
            .replace("@FOLDER@", &directory.path().display().to_string())
            .replace("@LISTEN@", &address.to_string())
            .replace("@CERTIFICATE@", &certificate.certificate.display().to_string())
            .replace("@KEY@", &certificate.key.display().to_string());
        let config = directory.path().join("nginx.conf");
        std::fs::write(&config, text).tried(|| "write nginx's configuration".to_owned())?;
        let program = Program::new(place, "nginx", "nginx")?.args(["-e", "stderr", "-c"]).arg(&config);
        let mut process = program.start()?;
        // It says so when it has its port and begins to look at it.
        process.wait_for("event method")?;
        Ok(Nginx { process, address, _directory: directory })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}
