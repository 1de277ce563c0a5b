//! Phones that ask for DHCP options: answered while the office wants it.

use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use centrale_call_control::Told;
use centrale_call_control::view::{ProblemView, Severity};
use centrale_net::{DhcpPort, Net};
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
    mut wanted: watch::Receiver<bool>,
    net: Net,
    bootstrap: Bootstrap,
    tell: impl Fn(Told) + Send,
) {
    let Ok(catalogue) = Catalogue::embedded() else { return };
    let mut told: Option<&'static str> = None;
    loop {
        let opened = wanted.borrow_and_update().then(|| net.open_dhcp_port());
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

fn problem(code: &str, fault: &std::io::Error) -> ProblemView {
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
