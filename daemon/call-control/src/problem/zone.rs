//! Geographic numbers of the office that belong to another area than the one in which it is.

use crate::exchange::Exchange;
use crate::view::{ProblemView, Severity};

/// A number is for use in another area. About the number; the detail is that area's code.
const USE_OTHER_ZONE: &str = "use-other-zone";

impl Exchange {
    /// Tells of each, where somebody said in which area the office is.
    pub(crate) fn check_zones(&mut self) {
        let plan = self.directory.plan();
        let numbers = self.directory.office().trunks.iter().flat_map(|trunk| &trunk.numbers);
        let elsewhere = numbers.filter_map(|number| {
            let zone = plan.zone_of(&plan.normalise(number.as_str()))?;
            let is_another = plan.area().is_some_and(|area| area.digits != zone.digits);
            let (subject, detail) = (number.to_string(), zone.digits.to_owned());
            let code = USE_OTHER_ZONE.to_owned();
            is_another.then_some(ProblemView { code, subject, severity: Severity::Note, detail })
        });
        let elsewhere = elsewhere.collect();
        self.live.tell_instead(&[USE_OTHER_ZONE], elsewhere);
    }
}
