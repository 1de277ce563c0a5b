//! Phones that ask for DHCP options: answered while the office wants it.

use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use centrale_call_control::Told;
use centrale_call_control::view::{ProblemView, Severity};
use centrale_net::DhcpPort;
use centrale_provisioning::Catalogue;
use centrale_provisioning::dhcp::Informer;
use tokio::sync::watch;

/// The program may not open a port below 1024. About the whole box; gone when the office no longer wants it.
const NOT_ALLOWED: &str = "dhcp-not-allowed";
/// Another DHCP server runs on this machine. Likewise, and gone when the port is free.
const PORT_TAKEN: &str = "dhcp-port-taken";
/// How long a port that could not be had is left alone.
const AGAIN: Duration = Duration::from_secs(60);

/// Where phones that are told of the box can reach it.
#[derive(Debug, Clone)]
pub(crate) struct Bootstrap {
    /// Addresses the port is open on; none for all.
    pub(crate) bind: Vec<IpAddr>,
    /// The port of a phone's first request.
    pub(crate) port: u16,
}

/// Runs until nobody can switch it any more.
pub(crate) async fn answer_phones(
    (mut wanted, catalogue): (watch::Receiver<bool>, Arc<Catalogue>),
    open: impl Fn() -> io::Result<DhcpPort> + Send,
    bootstrap: Bootstrap,
    tell: impl Fn(Told) + Send,
) {
    let mut told: Option<&'static str> = None;
    loop {
        let opened = wanted.borrow_and_update().then(&open);
        let fault = opened.as_ref().and_then(|opened| opened.as_ref().err());
        let code =
            fault.map(|fault| if fault.kind() == ErrorKind::PermissionDenied { NOT_ALLOWED } else { PORT_TAKEN });
        if told != code {
            if let Some(code) = told.take() {
                tell(Told::ProblemGone { code: code.into(), subject: String::new() });
            }
            if let (Some(code), Some(fault)) = (code, fault) {
                tell(Told::Problem(problem(code, fault)));
            }
            told = code;
        }
        let meanwhile = async {
            match opened {
                Some(Ok(mut port)) => answer(&mut port, &catalogue, &bootstrap).await,
                Some(Err(_)) => tokio::time::sleep(AGAIN).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = meanwhile => {}
            changed = wanted.changed() => if changed.is_err() { return },
        }
    }
}

fn problem(code: &str, fault: &io::Error) -> ProblemView {
    ProblemView { code: code.into(), subject: String::new(), severity: Severity::Warning, detail: fault.to_string() }
}

/// Until the system takes the socket away.
async fn answer(port: &mut DhcpPort, catalogue: &Catalogue, bootstrap: &Bootstrap) {
    let mut informer = Informer::default();
    while let Ok(question) = port.receive().await {
        let open = |ip: &IpAddr| ip.is_unspecified() || *ip == IpAddr::V4(question.local);
        let reachable = bootstrap.bind.is_empty() || bootstrap.bind.iter().any(open);
        let ours = (question.local, bootstrap.port);
        let answer = informer.handle(Instant::now(), catalogue, &question.bytes, question.from, ours);
        let answer = answer.inspect_err(|reason| tracing::debug!(from = %question.from, %reason, "DHCP not answered"));
        port.answer(&question, answer.ok().filter(|_| reachable).as_deref());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use nix::errno::Errno;

    use super::*;

    /// What the page is told while the system answers a wish for the port like this.
    struct Port {
        wanted: watch::Sender<bool>,
        answer: Arc<Mutex<Errno>>,
        told: Arc<Mutex<Vec<Told>>>,
    }

    impl Port {
        fn refused(answer: Errno) -> Self {
            let (wanted, watched) = watch::channel(true);
            let (answer, told) = (Arc::new(Mutex::new(answer)), Arc::new(Mutex::new(Vec::new())));
            let (system, page) = (Arc::clone(&answer), Arc::clone(&told));
            let open = move || Err(io::Error::from(*system.lock().unwrap()));
            let tell = move |told| page.lock().unwrap().push(told);
            let catalogue = Arc::new(Catalogue::embedded().unwrap());
            tokio::spawn(answer_phones((watched, catalogue), open, Bootstrap { bind: Vec::new(), port: 80 }, tell));
            Self { wanted, answer, told }
        }

        /// Codes that came, and `-` with those that went, up to now.
        async fn said(&self) -> Vec<String> {
            tokio::time::sleep(AGAIN).await;
            let told = std::mem::take(&mut *self.told.lock().unwrap());
            let said = told.into_iter().map(|told| match told {
                Told::Problem(problem) => problem.code,
                Told::ProblemGone { code, .. } => format!("-{code}"),
                other => panic!("{other:?}"),
            });
            said.collect()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_page_says_which_of_the_two_keeps_the_box_from_answering_and_for_how_long() {
        let port = Port::refused(Errno::EACCES);
        assert_eq!(port.said().await, [NOT_ALLOWED]);
        assert_eq!(port.said().await, Vec::<String>::new(), "once");
        *port.answer.lock().unwrap() = Errno::EADDRINUSE;
        assert_eq!(port.said().await, ["-dhcp-not-allowed", PORT_TAKEN]);
        port.wanted.send_replace(false);
        assert_eq!(port.said().await, ["-dhcp-port-taken"], "nobody wants it any more");
    }
}
