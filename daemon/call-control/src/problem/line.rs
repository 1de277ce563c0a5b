//! The line to the internet against the calls: whether it carries as many as the providers' contracts allow, as far as
//! somebody said what it carries; and whether what providers sent got lost while there were several at once. Nothing is sent to
//! measure it: what is known of the way there is what providers received, and they do not say it.

use centrale_guard::{KBIT_PER_CALL, LineLosses};

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// The line carries fewer calls than the contracts allow. About the whole office; the detail is how many it carries.
const USE_LINE_NARROW: &str = "use-line-narrow";
/// Too much of what providers sent got lost, twice, while several called at once. About the whole office; the detail is from how many
/// calls at once on.
const USE_LINE_LOSES: &str = "use-line-loses";

impl Exchange {
    /// The office changed: another line, or other contracts.
    pub(crate) fn check_line(&mut self) {
        let office = self.directory.office();
        let allowed: u32 = office.trunks.iter().map(|trunk| u32::from(trunk.channels.account)).sum();
        let carries = office.line_kbit.map(|kbit| kbit / KBIT_PER_CALL).filter(|carries| *carries < allowed);
        self.live
            .tell_instead(&[USE_LINE_NARROW], carries.map(|calls| note(USE_LINE_NARROW, calls)).into_iter().collect());
    }

    /// A call over a provider is over: what of its sound was lost while there were so many calls at once.
    pub(crate) fn note_line_loss(&mut self, at_once: usize, packets: u64, lost: u64) {
        self.line_losses.note(at_once, packets, lost);
        let loses = self.line_losses.from().map(|calls| note(USE_LINE_LOSES, u32::try_from(calls).unwrap_or(u32::MAX)));
        self.live.tell_instead(&[USE_LINE_LOSES], loses.into_iter().collect());
    }

    /// A line of which somebody says something else is measured anew.
    pub(crate) fn forget_line_losses(&mut self) {
        self.line_losses = LineLosses::default();
        self.live.tell_instead(&[USE_LINE_LOSES], Vec::new());
    }
}

fn note(code: &str, calls: u32) -> ProblemView {
    let (code, subject, detail) = (code.to_owned(), String::new(), calls.to_string());
    ProblemView { code, subject, severity: Severity::Note, detail }
}
