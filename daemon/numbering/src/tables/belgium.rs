//! The Belgian plan (BIPT's number plan, maxima of the royal decree of 27 April 2007).

use crate::rule::{Class, Form, Policy, Price, Rule};

/// Every Belgian range as dialled inside the country.
pub(crate) const RULES: &[Rule] = &[
    Rule::emergency("be.112", &["112"]),
    Rule::emergency("be.100", &["100"]),
    Rule::emergency("be.101", &["101"]),
    // Child line, crisis and listening lines. What a help number without a price here costs is the most that any of
    // them does.
    Rule::help("be.10x", &["10[235678]"], Form::National).at(Price::Free),
    Rule::help("be.110", &["110"], Form::National).at(Price::Free),
    Rule::help("be.116", &["116xxx"], Form::National).at(Price::Free),
    Rule::help("be.1722", &["1722"], Form::National),
    Rule::help("be.1733", &["1733"], Form::National),
    // The poison centre, inside the premium range 070: some pay nothing, others as for a fixed number.
    Rule::help("be.antigif", &["070245245"], Form::E164),
    Rule::short("be.0800", &["0800xxxxx"], Class::Free, Policy::Allow),
    Rule::e164("be.070", &["070xxxxxx"], Class::PremiumPerMinute, Policy::Ask).at_most(Price::PerMinute(30)),
    Rule::e164("be.077", &["077x…"], Class::Unknown, Policy::Block),
    Rule::e164("be.078", &["078xxxxxx"], Class::National, Policy::Allow).at(Price::PerMinute(10)),
    Rule::short("be.0900", &["0900xxxxx"], Class::PremiumPerMinute, Policy::Ask).at_most(Price::PerMinute(50)),
    Rule::short("be.0901", &["0901xxxxx"], Class::PremiumPerCall, Policy::Ask).at_most(Price::PerCall(50)),
    Rule::short("be.0902", &["0902xxxxx"], Class::PremiumPerMinute, Policy::Ask).at_most(Price::PerMinute(100)),
    Rule::short("be.0903", &["0903xxxxx"], Class::PremiumPerMinute, Policy::Ask).at_most(Price::PerMinute(150)),
    Rule::short("be.0904", &["0904xxxxx"], Class::PremiumPerMinute, Policy::Ask).at_most(Price::PerMinute(200)),
    Rule::short("be.0905", &["0905xxxxx"], Class::PremiumPerCall, Policy::Ask).at_most(Price::PerCall(200)),
    Rule::short("be.0906", &["0906xxxxx"], Class::PremiumPerMinute, Policy::Block).at_most(Price::PerMinute(100)),
    Rule::short("be.0907", &["0907xxxxx"], Class::PremiumPerMinute, Policy::Block).at_most(Price::PerMinute(200)),
    // Not opened for voice: a planning price, no limit.
    Rule::short("be.0908", &["0908xxxxx"], Class::PremiumPerMinute, Policy::Block).at(Price::PerMinute(200)),
    Rule::short("be.0909", &["0909xxxxx"], Class::PremiumPerCall, Policy::Block).at_most(Price::PerCall(3100)),
    // Enquiries and voicemail of carriers; some connect through.
    Rule::short("be.12-14", &["1[234]xx"], Class::PremiumPerMinute, Policy::Ask),
    // Dialling around the trunk, with a whole number behind; by itself it may be a colleague.
    Rule::not_sent("be.10-15-16", &["1[056]xx0xxxxxxx…"], Form::CarrierSelect),
    Rule::not_sent("be.sms", &["[2-9]xxx"], Form::MessageCode),
    Rule::e164("be.mobile", &["04[5-9]xxxxxxx"], Class::Mobile, Policy::Allow).at(Price::PerMinute(10)),
    Rule::geographic(
        "be.geo",
        &[
            "01[0-69]xxxxxx",
            "0[23][2-8]xxxxxx",
            "04[23]xxxxxx",
            "05xxxxxxx",
            "06[013-57-9]xxxxxx",
            "071xxxxxx",
            "08[1-79]xxxxxx",
            // Stavelot shares its code with the free numbers: 0800 is free, 0802 to 0808 is the town.
            "080[2-8]xxxxx",
            "09[2-4]xxxxxx",
        ],
    ),
];
