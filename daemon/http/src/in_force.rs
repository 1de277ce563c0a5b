//! What the exchange goes by. A password opens before whoever is told it can try it, and not a moment later: a phone that is
//! answered 401 to the right one waits half a minute, or asks its user.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::desk::Desk;
use crate::edge::{Edge, Wish};

/// How long the exchange may take, in milliseconds as a rule. A phone gives up on its file after five seconds (the shortest,
/// Yealink's `attempt_expired_time`), and must have its answer by then.
const PATIENCE: Duration = Duration::from_secs(3);

impl Edge {
    /// Tells the exchange the office and the credentials as they are now.
    pub(crate) async fn tell_settled(&self, desk: &Desk) {
        let number = self.0.settled.fetch_add(1, Ordering::SeqCst) + 1;
        self.wish(Wish::Settled(Arc::new(desk.settled()), number)).await;
    }

    /// Waits until the exchange goes by all that it was told so far; whether it does.
    pub(crate) async fn is_in_force(&self) -> bool {
        let told = self.0.settled.load(Ordering::SeqCst);
        let mut in_force = self.0.in_force.clone();
        let reached = tokio::time::timeout(PATIENCE, in_force.wait_for(|number| *number >= told)).await;
        let is_in_force = matches!(reached, Ok(Ok(_)));
        if !is_in_force {
            tracing::warn!("the exchange is late in taking over what was decided");
        }
        is_in_force
    }
}
