//! The Dutch plan (ACM's number plan; planning prices are for limits, not for bills).

use crate::rule::{Class, Form, Policy, Price, Rule};

/// Every Dutch range as dialled inside the country.
pub(crate) const RULES: &[Rule] = &[
    Rule::emergency("nl.112", &["112"]),
    // Suicide prevention, animals in need, police without hurry, the European numbers of social value. The
    // police asks somewhat more than a fixed number; what has no price here costs at most the same.
    Rule::help("nl.113", &["113"], Form::National).at(Price::Free),
    Rule::help("nl.0800-0113", &["08000113"], Form::National).at(Price::Free),
    Rule::help("nl.144", &["144"], Form::National),
    Rule::help("nl.0900-8844", &["09008844"], Form::National).at(Price::PerMinute(15)),
    Rule::help("nl.116", &["116xxx"], Form::National).at(Price::Free),
    // 14 and an area code is the town hall.
    Rule::short("nl.14xyz", &["140xx", "140xxx"], Class::National, Policy::Allow),
    Rule::short("nl.0800", &["0800xxxx", "0800xxxxxxx"], Class::Free, Policy::Allow),
    // Who holds a premium number sets its price (customer service: as a fixed number and at most a euro a call); the
    // prices here are for planning, and the worst case of each is that of the dearest.
    Rule::short("nl.0900", &["0900xxxx", "0900xxxxxxx"], Class::PremiumPerMinute, Policy::Ask).at(Price::PerMinute(90)),
    Rule::short("nl.0906", &["0906xxxx", "0906xxxxxxx"], Class::PremiumPerMinute, Policy::Block)
        .at(Price::PerMinute(100)),
    Rule::short("nl.0909", &["0909xxxx", "0909xxxxxxx"], Class::PremiumPerMinute, Policy::Block)
        .at(Price::PerMinute(90)),
    // Directory enquiries may connect through: the call may end anywhere.
    Rule::short("nl.18xy", &["18xx"], Class::PremiumPerMinute, Policy::Ask).at(Price::PerMinute(100)),
    // Dialling around the trunk would evade its prices; whatever follows the prefix is refused with it.
    // 10xy was such a prefix too, and is one only with a whole number behind: by itself it may be a colleague.
    Rule::not_sent("nl.16xy", &["16xx…", "10xx0xxxxxxx…"], Form::CarrierSelect),
    Rule::not_sent("nl.12xx", &["12xx"], Form::CarrierService),
    Rule::geographic("nl.geo", &["0[1-57]xxxxxxxx"]),
    Rule::e164("nl.mobile", &["06[1-58]xxxxxxx"], Class::Mobile, Policy::Allow).at(Price::PerMinute(8)),
    // Pagers cost like a premium number.
    Rule::e164("nl.066", &["066xxxxxxx"], Class::PremiumPerMinute, Policy::Block),
    Rule::e164("nl.0676", &["067x…"], Class::Unknown, Policy::Block),
    Rule::e164("nl.082", &["082x…"], Class::Unknown, Policy::Block),
    // Personal assistants connect through: a target for pumped traffic.
    Rule::e164("nl.084", &["084xxxxxxx"], Class::SharedCost, Policy::Ask).at(Price::PerMinute(15)),
    Rule::e164("nl.087", &["087xxxxxxx"], Class::SharedCost, Policy::Ask).at(Price::PerMinute(15)),
    Rule::e164("nl.085", &["085xxxxxxx"], Class::National, Policy::Allow),
    Rule::e164("nl.091", &["091xxxxxxx"], Class::National, Policy::Allow),
    Rule::e164("nl.088", &["088xxxxxxx"], Class::National, Policy::Allow),
    // Machines, not people.
    Rule::e164("nl.097", &["097xxxxxxxx", "097xxxxxxxxx", "097xxxxxxxxxx"], Class::Unknown, Policy::Block),
];
