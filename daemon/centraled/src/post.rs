//! Mail: what is joined to what.

use std::sync::Arc;

use centrale_alerts::News;
use centrale_call_control::Told;
use centrale_call_control::view::{ProblemView, Severity};
use centrale_config::Office;
use centrale_http::Edge;
use centrale_post::{Counts, Line, Post, Trouble, Trusted};
use centrale_store::Store;
use tokio::sync::{mpsc, watch};

/// Mail to somebody who is to be told does not leave. About the address; the detail is why, as a stable word.
const ALERT_MAIL_FAILS: &str = "alert-mail-fails";
/// What was changed that a thief would change cannot be read, and is not told. About nothing.
const ALERT_CHANGES_UNREAD: &str = "alert-changes-unread";

/// News that may wait to become mails.
const QUEUE: usize = 1_024;

/// Where news are handed in, and where they come out.
pub(crate) fn channel() -> (mpsc::Sender<News>, mpsc::Receiver<News>) {
    mpsc::channel(QUEUE)
}

/// What takes news and sends mail, with its trouble told on the page.
pub(crate) fn outbox(
    store: Store,
    edge: Edge,
    trusted: Trusted,
    (office, news): (watch::Receiver<Arc<Office>>, mpsc::Receiver<News>),
    counts: Arc<Counts>,
    line: Line,
) -> Post {
    let told = Arc::new(move |trouble: Trouble| edge.tell(problem(trouble)));
    Post { store, office, news, trusted, told, clock: crate::time::unix_ms, counts, line }
}

fn problem(trouble: Trouble) -> Told {
    let (code, subject, detail) = match trouble {
        Trouble::Mail { recipient, fault } => (ALERT_MAIL_FAILS, recipient, fault.map(|fault| fault.word())),
        Trouble::Changes { unread } => (ALERT_CHANGES_UNREAD, String::new(), unread.then_some("")),
    };
    let code = code.to_owned();
    match detail {
        None => Told::ProblemGone { code, subject },
        Some(detail) => {
            let (severity, detail) = (Severity::Warning, detail.to_owned());
            Told::Problem(ProblemView { code, subject, severity, detail })
        }
    }
}
