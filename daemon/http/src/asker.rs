//! Who asks, for as long as a request lasts.

use std::sync::Arc;

use centrale_store::{FIRST_OWNER, Role, SessionRow, UserRow};

tokio::task_local! {
    /// Set where a request is let in, so that whatever it changes bears its name without every handler passing it on.
    static ASKER: Arc<Asker>;
}

/// Whoever sent a request, as its session says.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    /// The number of the session.
    pub(crate) session: u64,
    /// The user whose session it is.
    pub(crate) user: UserRow,
}

impl Asker {
    pub(crate) fn of(session: SessionRow) -> Arc<Self> {
        Arc::new(Self { session: session.number, user: session.user })
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
