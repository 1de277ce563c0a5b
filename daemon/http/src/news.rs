//! What of all that the page is shown is told by mail as well. Whether a mail comes of it, and when, others decide.

use centrale_alerts::News;

use crate::edge::{Edge, Wish};
use crate::live::Event;

impl Event {
    /// What of it may be told by mail.
    fn news(&self) -> Option<News> {
        match self {
            Self::Problem(problem) => {
                Some(News::Problem { code: problem.code.clone(), subject: problem.subject.clone() })
            }
            Self::ProblemGone { code, subject } => Some(News::Mended { code: code.clone(), subject: subject.clone() }),
            Self::Call(call) if call.emergency => {
                let (call, from, name) = (call.id.clone(), call.from.clone(), call.from_name.clone());
                Some(News::Help { call, from, name })
            }
            _ => None,
        }
    }
}

impl Edge {
    /// Tells by mail what an event tells the page.
    pub(crate) fn tell_by_mail(&self, event: &Event) {
        event.news().into_iter().for_each(|news| self.news(news));
    }

    /// Tells something by mail. When the queue is full there are thousands before it.
    pub(crate) fn news(&self, news: News) {
        let Some(about) = news.about() else { return };
        if self.0.wishes.try_send(Wish::News(news)).is_err() {
            let untold = self.0.traffic.count_untold();
            tracing::warn!(about, untold, "something is not told by mail: too much is to be told");
        }
    }
}
