//! An INVITE at the door: who calls, and whom.

use std::time::Instant;

use centrale_guard::{Order, Reject};
use centrale_sip::dialog::{Malformed, Replaces};
use centrale_sip::endpoint::ServerKey;
use centrale_sip::flow::Flow;
use centrale_sip::message::{Request, Status, Uri};

use super::begin::{Caller, Plan};
use super::pickup::Picker;
use super::{Party, Pickup};
use crate::directory::Destination;
use crate::exchange::Exchange;
use crate::record::Outcome;
use crate::view::Direction;

/// An INVITE that may become a call.
pub(crate) struct Knock {
    pub(crate) key: ServerKey,
    pub(crate) request: Request,
    pub(crate) flow: Flow,
}

/// Why there is no way to whom somebody of ours called, with the call as it is written down.
pub(crate) enum NoWay {
    /// The guard does not allow it.
    Blocked(Box<Plan>, Reject),
    /// Nobody is there.
    Nobody(Box<Plan>),
}

impl Exchange {
    /// An INVITE outside of any dialog.
    pub(crate) fn handle_new_invite(&mut self, now: Instant, knock: Knock) {
        let trunk = self.trunk_of(&knock.request, &knock.flow);
        let destination = self.directory.destination(&dialled(&knock.request.uri));
        // Help is never refused: a phone of this office reaches it with a wrong password and with none (invariant 1).
        if let Destination::Emergency(number) = destination
            && self.interfaces.is_office(knock.flow.remote.ip())
        {
            return self.begin_emergency(now, knock, number, trunk.as_deref());
        }
        if trunk.as_deref().is_some_and(|trunk| self.takes_loop_call(now, &knock, trunk)) {
            return;
        }
        if let Some(trunk) = trunk {
            return self.begin_incoming(now, knock, &trunk);
        }
        match self.prove(now, &knock.request, &knock.flow) {
            Ok(username) => self.begin_proven(now, knock, &username, destination),
            Err(unproven) if unproven.helps => match destination {
                Destination::Emergency(number) => self.help_whoever(now, knock, None, (number, None)),
                _ => self.refuse_unproven(now, knock.key, &knock.request, &knock.flow, &unproven),
            },
            Err(unproven) => self.refuse_unproven(now, knock.key, &knock.request, &knock.flow, &unproven),
        }
    }

    /// Whether it begins a call for help.
    pub(crate) fn is_for_help(&self, request: &Request) -> bool {
        let begins = request.headers.to_tag().is_none();
        begins && matches!(self.directory.destination(&dialled(&request.uri)), Destination::Emergency(_))
    }

    fn begin_proven(&mut self, now: Instant, knock: Knock, username: &str, destination: Destination) {
        let Some(login) = self.directory.login(username) else { return self.reject(now, &knock, Status::FORBIDDEN) };
        let number = login.number().to_string();
        let caller = Caller { username: username.into(), flow: knock.flow };
        let from = Party::named(&*number, self.directory.name_of(&number));
        // Whoever asks for help gets help, whatever else the INVITE says.
        let is_help = matches!(destination, Destination::Emergency(_));
        let destination = match Replaces::of(&knock.request.headers) {
            Ok(Some(replaces)) if !is_help => Destination::Pickup(Pickup::Dialog(replaces)),
            Err(Malformed) if !is_help => return self.reject(now, &knock, Status::BAD_REQUEST),
            Ok(_) | Err(Malformed) => destination,
        };
        let reject = self
            .off_the_line(&number, &destination)
            .or_else(|| self.doubted(now, username, (&knock.request, &knock.flow), &destination));
        if let Some(reject) = reject {
            let to = Party::nameless(shown(&dialled(&knock.request.uri)));
            return self.block(now, &knock, &Plan::new(Direction::Outgoing, from, to), reject);
        }
        let plan = match destination {
            Destination::Emergency(help) => self.help_plan(now, from, help, None),
            Destination::Pickup(pickup) => {
                let picker = Picker { username: username.into(), party: from };
                return self.pick_up(now, &knock, &picker, &pickup);
            }
            Destination::Voicemail => {
                let caller = Caller { username: username.into(), flow: knock.flow };
                return self.open_mailbox(now, knock, &caller, from);
            }
            Destination::Code(code) => {
                let caller = Caller { username: username.into(), flow: knock.flow };
                return self.take_code(now, knock, (&caller, from), code);
            }
            Destination::Malicious => {
                let caller = Caller { username: username.into(), flow: knock.flow };
                return self.mark_last_call(now, knock, &caller, from);
            }
            Destination::Park(place) => {
                let picker = Picker { username: username.into(), party: from };
                return self.visit_place(now, &knock, &picker, place);
            }
            destination => match self.plan_or_once(now, from, &destination, &knock.request.uri, &caller) {
                Ok(plan) => plan,
                Err(NoWay::Blocked(plan, reject)) => return self.block(now, &knock, &plan, reject),
                Err(NoWay::Nobody(plan)) => {
                    let status = self.status_of_nobody(&knock.request.uri);
                    self.reject(now, &knock, status);
                    return self.record_unstarted(now, &plan, (Outcome::Refused, status));
                }
            },
        };
        if !plan.emergency
            && let Err(reject) = self.admit_caller(plan.order.as_ref(), knock.flow)
        {
            return self.block(now, &knock, &plan, reject);
        }
        let apart = self.comes_apart(now, username, &knock.request, &knock.flow);
        self.begin(now, knock, Plan { username: Some(username.into()), apart, ..plan });
    }

    /// The line of a lift or an alarm reaches help and numbers outside, and which of those is asked where they are priced.
    pub(super) fn off_the_line(&self, person: &str, destination: &Destination) -> Option<Reject> {
        let leads_out = matches!(destination, Destination::Emergency(_) | Destination::Outside { .. });
        (!leads_out && self.directory.alarm_numbers(person).is_some()).then_some(Reject::ALARM_LINE)
    }

    /// How somebody of ours reaches a destination that is no help and no pickup, by what that person may call. `caller` is
    /// the phone that does not ring.
    pub(crate) fn plan_to(
        &mut self,
        now: Instant,
        from: Party,
        destination: &Destination,
        uri: &Uri,
        caller: Option<&Caller>,
    ) -> Result<Plan, NoWay> {
        let refused = |from, number: &str| Box::new(Plan::new(Direction::Outgoing, from, Party::nameless(number)));
        if let Some(reject) = self.off_the_line(&from.number, destination) {
            return Err(NoWay::Blocked(refused(from, &shown(&dialled(uri))), reject));
        }
        match destination {
            Destination::Person(number) => {
                let routes = self.phones_of(now, &[number.as_str()], caller);
                let mailbox = self.mailbox_of(number.as_str(), &from);
                let sent_on = self.is_sent_on(now, number.as_str(), &from);
                Ok(Plan { mailbox, sent_on, ..self.inside_plan(Direction::Internal, from, number.as_str(), routes) })
            }
            Destination::Group { number, members } => {
                let members: Vec<_> = members.iter().map(|member| member.as_str()).collect();
                let routes = self.phones_of(now, &members, caller);
                Ok(self.inside_plan(Direction::Internal, from, number.as_str(), routes))
            }
            Destination::Conference(number) => {
                let plan = self.inside_plan(Direction::Internal, from, number.as_str(), Vec::new());
                Ok(Plan { conference: Some(number.to_string()), ..plan })
            }
            Destination::Outside { number, withheld, meant } => {
                let order = match self.order_of(now, &from.number, meant) {
                    Ok(order) => order,
                    Err(reject) => return Err(NoWay::Blocked(refused(from, number), reject)),
                };
                Ok(self.outside_plan(now, from, (number, *withheld), order))
            }
            Destination::Emergency(_)
            | Destination::Pickup(_)
            | Destination::Park(_)
            | Destination::Voicemail
            | Destination::Code(_)
            | Destination::Malicious => Err(NoWay::Nobody(refused(from, &shown(&dialled(uri))))),
            Destination::Nowhere => {
                let text = dialled(uri);
                self.note_nowhere(now, &from.number, &text);
                Err(NoWay::Nobody(refused(from, &shown(&text))))
            }
        }
    }

    fn outside_plan(&mut self, now: Instant, from: Party, (number, withheld): (&str, bool), order: Order) -> Plan {
        let routes = self.trunks_to(now, number, false, None);
        Plan { withheld, order: Some(order), ..Plan::outside(from, number.to_owned(), routes) }
    }

    /// As [`Exchange::plan_to`] for a phone that calls by itself: a call that somebody allowed once passes where its person may not call.
    fn plan_or_once(
        &mut self,
        now: Instant,
        from: Party,
        destination: &Destination,
        uri: &Uri,
        caller: &Caller,
    ) -> Result<Plan, NoWay> {
        match (self.plan_to(now, from, destination, uri, Some(caller)), destination) {
            (Err(NoWay::Blocked(refused, reject)), Destination::Outside { number, withheld, meant }) => {
                match self.order_once(now, &refused.from.number, meant, reject) {
                    Ok(order) => {
                        let plan = self.outside_plan(now, refused.from, (number, *withheld), order);
                        Ok(Plan { once: true, ..plan })
                    }
                    Err(reject) => Err(NoWay::Blocked(refused, reject)),
                }
            }
            (plan, _) => plan,
        }
    }

    /// A call for help. Who calls is believed when it proves it; what it says of itself is shown otherwise.
    fn begin_emergency(&mut self, now: Instant, knock: Knock, help: &'static str, came_over: Option<&str>) {
        let proven = self.prove(now, &knock.request, &knock.flow).ok();
        let proven = proven.and_then(|username| Some(self.directory.login(&username)?.number().to_string()));
        self.help_whoever(now, knock, proven, (help, came_over));
    }

    /// The same, by whom is known already, if anybody is.
    fn help_whoever(
        &mut self,
        now: Instant,
        knock: Knock,
        proven: Option<String>,
        (help, came_over): (&'static str, Option<&str>),
    ) {
        let claimed = || {
            let from = knock.request.headers.from().ok();
            from.as_ref().and_then(|from| from.uri.dialled()).map(|user| shown(&user)).unwrap_or_default()
        };
        let number = proven.unwrap_or_else(claimed);
        let from = Party::named(&*number, self.directory.name_of(&number));
        let plan = self.help_plan(now, from, help, came_over);
        self.begin(now, knock, plan);
    }

    fn begin_incoming(&mut self, now: Instant, knock: Knock, trunk: &str) {
        let called = self.called_number(&knock.request, trunk);
        let from = self.outside_caller(&knock.request);
        self.counters.spoofed_callers += u64::from(from.spoofs.is_some());
        let refused = |from, to: &str| {
            let to = Party::nameless(shown(to));
            Plan { trunk: Some(trunk.to_owned()), ..Plan::new(Direction::Incoming, from, to) }
        };
        if let Some(status) = self.unwanted(now, &knock.request, &from) {
            self.counters.callers_refused += 1;
            self.reject(now, &knock, status);
            let plan = refused(from, &called.unwrap_or_else(|| dialled(&knock.request.uri)));
            return self.record_unstarted(now, &plan, (Outcome::Blocked, status));
        }
        if self.is_alert_sent_back(&knock.request, &from) {
            self.reject(now, &knock, Status::BUSY_HERE);
            let plan = refused(from, &called.unwrap_or_else(|| dialled(&knock.request.uri)));
            return self.record_unstarted(now, &plan, (Outcome::Refused, Status::BUSY_HERE));
        }
        if called.as_deref().is_some_and(|number| self.directory.is_inactive(number)) && !self.expects_help(now) {
            let to = called.clone().unwrap_or_default();
            let plan = Plan { line: Some(to.clone().into_boxed_str()), ..refused(from, &to) };
            return self.block(now, &knock, &plan, Reject::NUMBER_INACTIVE);
        }
        let closed = called.as_deref().filter(|_| self.is_closed(now) && !self.expects_help(now));
        let closed = closed.and_then(|number| self.directory.inbound_when_closed(number)).cloned();
        let destination = match &closed {
            Some(closed) => self.directory.inside(closed.to.as_str()),
            None => called.as_deref().and_then(|number| self.directory.inbound(number)),
        };
        let at_once = closed.is_some_and(|closed| closed.voicemail);
        let conference = match &destination {
            Some(Destination::Conference(number)) => Some(number.to_string()),
            _ => None,
        };
        let mut sent_on = false;
        let (number, members, mailbox) = match destination {
            Some(Destination::Conference(number)) => (number, Vec::new(), None),
            Some(Destination::Person(number)) => {
                let mailbox = self.mailbox_of(number.as_str(), &from);
                sent_on = !at_once && self.is_sent_on(now, number.as_str(), &from);
                (number.clone(), if at_once { Vec::new() } else { vec![number] }, mailbox)
            }
            Some(Destination::Group { number, members }) => (number, members, None),
            _ => {
                self.counters.numbers_not_ours += 1;
                let status = self.status_of_nobody(&knock.request.uri);
                self.reject(now, &knock, status);
                let plan = refused(from, &dialled(&knock.request.uri));
                return self.record_unstarted(now, &plan, (Outcome::Refused, status));
            }
        };
        let members: Vec<_> = members.iter().map(|member| member.as_str()).collect();
        let routes = self.phones_of(now, &members, None);
        let plan = self.inside_plan(Direction::Incoming, from, number.as_str(), routes);
        let line = called.map(String::into_boxed_str);
        let plan = Plan { trunk: Some(trunk.to_owned()), line, mailbox, sent_on, conference, ..plan };
        if let Err(reject) = self.admit_incoming(now) {
            return self.block(now, &knock, &plan, reject);
        }
        self.begin(now, knock, plan);
    }

    fn inside_plan(&self, direction: Direction, from: Party, number: &str, routes: Vec<super::Route>) -> Plan {
        let to = Party::named(number, self.directory.name_of(number));
        Plan { routes: routes.into(), ..Plan::new(direction, from, to) }
    }

    fn help_plan(&mut self, now: Instant, from: Party, help: &'static str, came_over: Option<&str>) -> Plan {
        self.counters.emergency_calls += 1;
        self.last_help = Some(now);
        self.yield_to_help(now);
        let routes = self.trunks_to(now, help, true, came_over);
        let came_over = came_over.map(str::to_owned);
        Plan { emergency: true, came_over, ..Plan::outside(from, help.to_owned(), routes) }
    }
}

/// What was dialled, also where it stands in a URI that is neither sip: nor tel: (`urn:service:sos`).
pub(crate) fn dialled(uri: &Uri) -> String {
    match uri {
        Uri::Other(text) => text.to_string(),
        uri => uri.dialled().unwrap_or_default().into_owned(),
    }
}

/// As it is shown and written down: not longer than anybody dials.
pub(super) fn shown(dialled: &str) -> String {
    dialled.chars().take(64).collect()
}
