//! Who asks, for as long as a request lasts.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use centrale_call_control::Proof;
use centrale_store::{FIRST_OWNER, Role, SessionRow, UserRow};

tokio::task_local! {
    /// Set where a request is let in, so that whatever it changes bears its name without every handler passing it on.
    static ASKER: Arc<Asker>;
}

/// Whoever sent a request, as its session says.
#[derive(Debug)]
pub(crate) struct Asker {
    /// What the log is to say of what is done beyond its route.
    said: Mutex<Said>,
    /// How it was shown that it is the user who asks.
    proof: OnceLock<Proof>,
    /// The number of the session.
    pub(crate) session: u64,
    /// The address that asks.
    pub(crate) source: IpAddr,
    /// The user whose session it is.
    pub(crate) user: UserRow,
}

/// What the log is to say of what is done beyond its route.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// About whom or what, where the path does not tell.
    pub(crate) about: String,
    /// The revision of the office that was made.
    pub(crate) revision: Option<u64>,
}

impl Asker {
    pub(crate) fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn of(session: SessionRow, source: IpAddr) -> Arc<Self> {
        let (said, proof) = (Mutex::default(), OnceLock::new());
        Arc::new(Self { said, proof, session: session.number, source, user: session.user })
    }

    /// It was shown that it is the user who asks, and not only whoever has the session.
    pub(crate) fn proved(&self, proof: Proof) {
        // It is shown once in a request, where that is let in.
        let _ = self.proof.set(proof);
    }

    pub(crate) const fn role(&self) -> Role {
        self.user.standing.role
    }

    /// Whose calls and mailbox are all that this user sees; `None` for who sees the whole office.
    pub(crate) fn only(&self) -> Option<&str> {
        (self.role() == Role::Person).then(|| self.user.standing.person.as_deref().unwrap_or_default())
    }
}

/// Answers a request in somebody's name.
pub(crate) async fn in_the_name_of<T>(asker: Arc<Asker>, work: impl Future<Output = T>) -> T {
    ASKER.scope(asker, work).await
}

/// The name that a change bears. Whoever sets the box up is its first owner and has no session yet.
pub(crate) fn author_name() -> String {
    ASKER.try_with(|asker| asker.user.name.clone()).unwrap_or_else(|_| FIRST_OWNER.to_owned())
}

/// How whoever asks showed to be the user; `None` where that was not shown. What comes out of no browser needs no such proof.
pub(crate) fn proof() -> Option<Proof> {
    ASKER.try_with(|asker| asker.proof.get().copied()).unwrap_or(Some(Proof::PasswordAgain))
}

/// The address of whoever asks; `None` where nobody does over a connection, and of who sets the box up.
pub(crate) fn asks_from() -> Option<IpAddr> {
    ASKER.try_with(|asker| asker.source).ok()
}

/// Has the log say which revision came of what is being done.
pub(crate) fn made_revision(number: u64) {
    // Whoever sets the box up has no session yet: that has an entry of its own.
    let _ = ASKER.try_with(|asker| asker.said().revision = Some(number));
}

/// Has the log say what it is about, where the path does not tell. Never a secret.
pub(crate) fn is_about(what: String) {
    let _ = ASKER.try_with(|asker| asker.said().about = what);
}
