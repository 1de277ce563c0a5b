//! Which role reaches which route. What is not in the table is nobody's.

use axum::http::Method;
use centrale_store::Role::{self, Auditor, Installer, Owner, Person, Reception};

use crate::asker::Asker;

/// Whoever is logged in; what a person gets there is that person's own.
const EVERYBODY: &[Role] = &Role::ALL;
/// Who sees how the office does.
const SEES: &[Role] = &[Owner, Installer, Reception, Auditor];
/// Who checks what others did.
const CHECKS: &[Role] = &[Owner, Auditor];
/// Who does the daily work.
const SERVES: &[Role] = &[Owner, Installer, Reception];
/// Who makes the telephones work.
const BUILDS: &[Role] = &[Owner, Installer];
/// The same, and a person at the own number.
const BUILDS_OR_OWN: &[Role] = &[Owner, Installer, Person];
/// Who does the daily work, and a person at the own number.
const SERVES_OR_OWN: &[Role] = &[Owner, Installer, Reception, Person];
/// What others said to a person is between that person and the owner.
const OWNER_OR_OWN: &[Role] = &[Owner, Person];
/// Money, users, whom an alarm is sent to, and what cannot be taken back.
const OWNS: &[Role] = &[Owner];

/// Every route that asks for a session, as the OpenAPI document writes it. A [`Person`] passes a path with `{number}` in it
/// at the own number alone.
const ROUTES: &[(&str, &str, &[Role])] = &[
    ("DELETE", "/api/v1/session", EVERYBODY),
    ("PUT", "/api/v1/session/password", EVERYBODY),
    ("GET", "/api/v1/session/factor", EVERYBODY),
    ("POST", "/api/v1/session/factor", EVERYBODY),
    ("PUT", "/api/v1/session/factor", EVERYBODY),
    ("POST", "/api/v1/session/factor/release", EVERYBODY),
    ("POST", "/api/v1/session/proof", EVERYBODY),
    ("POST", "/api/v1/session/rules", EVERYBODY),
    ("GET", "/api/v1/rules", SEES),
    ("PUT", "/api/v1/rules", OWNS),
    ("GET", "/api/v1/retention", SEES),
    ("PUT", "/api/v1/retention", OWNS),
    ("GET", "/api/v1/session/passkeys", EVERYBODY),
    ("POST", "/api/v1/session/passkeys", EVERYBODY),
    ("POST", "/api/v1/session/passkeys/begin", EVERYBODY),
    ("POST", "/api/v1/session/passkeys/challenge", EVERYBODY),
    ("POST", "/api/v1/session/passkeys/{id}/release", EVERYBODY),
    ("GET", "/api/v1/sessions", EVERYBODY),
    ("DELETE", "/api/v1/sessions/{id}", EVERYBODY),
    ("GET", "/api/v1/audit", CHECKS),
    ("GET", "/api/v1/audit.csv", CHECKS),
    ("GET", "/api/v1/users", CHECKS),
    ("POST", "/api/v1/users", OWNS),
    ("PUT", "/api/v1/users/{id}", OWNS),
    ("DELETE", "/api/v1/users/{id}", OWNS),
    ("POST", "/api/v1/users/{id}/code", OWNS),
    ("DELETE", "/api/v1/users/{id}/factor", OWNS),
    ("GET", "/api/v1/health-token", CHECKS),
    ("POST", "/api/v1/health-token", OWNS),
    ("DELETE", "/api/v1/health-token", OWNS),
    ("GET", "/api/v1/events", EVERYBODY),
    ("GET", "/api/v1/office", EVERYBODY),
    ("PUT", "/api/v1/office/identity", BUILDS),
    ("PUT", "/api/v1/office/blocked-callers", SERVES),
    ("PUT", "/api/v1/office/emergency", BUILDS),
    ("GET", "/api/v1/office/administration", CHECKS),
    ("PUT", "/api/v1/office/administration", OWNS),
    ("GET", "/api/v1/office/scanners", CHECKS),
    ("PUT", "/api/v1/office/scanners", OWNS),
    ("PUT", "/api/v1/office/line", BUILDS),
    // What is spent while nobody is there has caps of its own, and support none.
    ("PUT", "/api/v1/office/opening", OWNS),
    ("PUT", "/api/v1/office/support-numbers", OWNS),
    ("GET", "/api/v1/premium-numbers", SEES),
    ("PUT", "/api/v1/premium-numbers/{number}", OWNS),
    ("DELETE", "/api/v1/premium-numbers/{number}", OWNS),
    ("POST", "/api/v1/premium-numbers/{number}/complaints", SERVES),
    ("PUT", "/api/v1/premium-numbers/{number}/complaints/{id}", SERVES),
    ("GET", "/api/v1/premium-numbers/{number}/evidence.json", CHECKS),
    ("GET", "/api/v1/alerts", BUILDS),
    ("PUT", "/api/v1/alerts", OWNS),
    ("POST", "/api/v1/alerts/test", BUILDS),
    ("POST", "/api/v1/maintenance", BUILDS),
    ("DELETE", "/api/v1/maintenance", BUILDS),
    ("POST", "/api/v1/alerts/ask", BUILDS),
    ("POST", "/api/v1/alerts/ring", BUILDS),
    ("POST", "/api/v1/alerts/confirm", BUILDS),
    ("POST", "/api/v1/people", BUILDS),
    ("PUT", "/api/v1/people/{number}", BUILDS),
    ("DELETE", "/api/v1/people/{number}", BUILDS),
    ("POST", "/api/v1/people/{number}/password", BUILDS),
    ("POST", "/api/v1/people/{number}/softphone", BUILDS),
    ("GET", "/api/v1/people/{number}/mailbox", BUILDS_OR_OWN),
    ("PUT", "/api/v1/people/{number}/mailbox", BUILDS_OR_OWN),
    ("GET", "/api/v1/people/{number}/messages/{id}", OWNER_OR_OWN),
    ("DELETE", "/api/v1/people/{number}/messages/{id}", OWNER_OR_OWN),
    ("GET", "/api/v1/people/{number}/forward", SERVES_OR_OWN),
    ("PUT", "/api/v1/people/{number}/forward", SERVES_OR_OWN),
    ("GET", "/api/v1/people/{number}/permit", SEES),
    ("PUT", "/api/v1/people/{number}/permit", OWNS),
    ("PUT", "/api/v1/rights/{name}", OWNS),
    ("DELETE", "/api/v1/rights/{name}", OWNS),
    ("GET", "/api/v1/guard/blocks", SEES),
    ("GET", "/api/v1/refused", SEES),
    ("DELETE", "/api/v1/guard/blocks/{address}", BUILDS),
    ("GET", "/api/v1/incidents", SEES),
    ("GET", "/api/v1/incidents/{id}", SEES),
    ("PUT", "/api/v1/incidents/{id}/deadlines/{duty}", SERVES),
    ("GET", "/api/v1/incidents/{id}/report.json", CHECKS),
    ("GET", "/api/v1/incidents/{id}/report.pdf", CHECKS),
    ("GET", "/api/v1/costs", SEES),
    ("POST", "/api/v1/costs/raise", OWNS),
    ("GET", "/api/v1/stops", SEES),
    ("POST", "/api/v1/stops", SERVES),
    ("POST", "/api/v1/stops/release", OWNS),
    ("PUT", "/api/v1/stops/pin", OWNS),
    ("GET", "/api/v1/provider-presets", BUILDS),
    ("PUT", "/api/v1/trunks", BUILDS),
    ("PUT", "/api/v1/trunks/{name}", BUILDS),
    ("DELETE", "/api/v1/trunks/{name}", BUILDS),
    ("PUT", "/api/v1/trunks/{name}/dialect", BUILDS),
    ("PUT", "/api/v1/trunks/{name}/channels", BUILDS),
    ("PUT", "/api/v1/trunks/{name}/abuse-desk", BUILDS),
    ("POST", "/api/v1/trunks/{name}/help-test", BUILDS),
    ("POST", "/api/v1/trunks/{name}/examine", BUILDS),
    ("POST", "/api/v1/trunks/{name}/go-round", BUILDS),
    ("GET", "/api/v1/trunks/{name}/deck", SEES),
    ("PUT", "/api/v1/trunks/{name}/deck", OWNS),
    ("DELETE", "/api/v1/trunks/{name}/deck", OWNS),
    ("GET", "/api/v1/doctor", SEES),
    ("PUT", "/api/v1/inbound/{number}", BUILDS),
    ("DELETE", "/api/v1/inbound/{number}", BUILDS),
    ("PUT", "/api/v1/conferences/{number}", BUILDS),
    ("DELETE", "/api/v1/conferences/{number}", BUILDS),
    ("PUT", "/api/v1/ring-groups/{number}", BUILDS),
    ("DELETE", "/api/v1/ring-groups/{number}", BUILDS),
    ("GET", "/api/v1/contacts", EVERYBODY),
    ("GET", "/api/v1/contacts.csv", SEES),
    ("POST", "/api/v1/contacts", SERVES),
    ("POST", "/api/v1/contacts/preview", SERVES),
    ("POST", "/api/v1/contacts/import", SERVES),
    ("PUT", "/api/v1/contacts/{number}", SERVES),
    ("DELETE", "/api/v1/contacts/{number}", SERVES),
    ("POST", "/api/v1/pairing-window", BUILDS),
    ("DELETE", "/api/v1/pairing-window", BUILDS),
    ("GET", "/api/v1/finding", SEES),
    ("PUT", "/api/v1/finding", BUILDS),
    ("GET", "/api/v1/logo", SEES),
    ("PUT", "/api/v1/logo", BUILDS),
    ("DELETE", "/api/v1/logo", BUILDS),
    ("DELETE", "/api/v1/devices/{mac}", BUILDS),
    ("POST", "/api/v1/devices/{mac}/adopt", BUILDS),
    ("POST", "/api/v1/devices/{mac}/resync", BUILDS),
    ("POST", "/api/v1/devices/{mac}/renew", BUILDS),
    ("POST", "/api/v1/secrets", OWNS),
    ("POST", "/api/v1/wipe", OWNS),
    ("PUT", "/api/v1/devices/{mac}/plain-http", BUILDS),
    ("PUT", "/api/v1/devices/{mac}/handsets/{person}", BUILDS),
    ("DELETE", "/api/v1/devices/{mac}/handsets/{person}", BUILDS),
    ("PUT", "/api/v1/devices/{mac}/modules", BUILDS),
    ("PUT", "/api/v1/devices/{mac}/unencrypted", BUILDS),
    ("PUT", "/api/v1/devices/{mac}/room", BUILDS),
    ("POST", "/api/v1/devices/{mac}/replace", BUILDS),
    ("POST", "/api/v1/accounts/{account}/recognise", BUILDS),
    ("GET", "/api/v1/calls", EVERYBODY),
    ("POST", "/api/v1/calls/{id}/hang-up", SERVES),
    ("POST", "/api/v1/calls/{id}/allow", OWNS),
    ("GET", "/api/v1/calls.csv", CHECKS),
    ("GET", "/api/v1/calls.json", CHECKS),
    // Reads a bill and keeps nothing of it.
    ("POST", "/api/v1/calls/compare", CHECKS),
    ("GET", "/api/v1/revisions", CHECKS),
    ("POST", "/api/v1/revisions/{revision}/revert", OWNS),
    ("GET", "/api/v1/undos", CHECKS),
    ("POST", "/api/v1/undos/{id}", OWNS),
    // The code proves who may.
    ("POST", "/api/v1/undo", SERVES),
    ("GET", "/api/v1/counters", SEES),
];

/// Whether somebody may ask this. `route` is the path with the names of its parameters, `path` the one that was asked for.
pub(crate) fn may(asker: &Asker, method: &Method, route: &str, path: &str) -> bool {
    // What reads, reads without the answer too (RFC 9110 9.3.2).
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    let roles =
        ROUTES.iter().find(|(verb, at, _)| *verb == method && *at == route).map_or(&[][..], |(.., roles)| roles);
    roles.contains(&asker.role()) && asker.only().is_none_or(|own| is_own(own, route, path))
}

/// Whether a path's `{number}`, if it has one, is a person's own.
fn is_own(own: &str, route: &str, path: &str) -> bool {
    let mut parts = route.split('/').zip(path.split('/'));
    parts.all(|(name, part)| name != "{number}" || (!own.is_empty() && part == own))
}

/// What a role reaches, as the page asks for it: `GET /api/v1/office`.
pub(crate) fn reached_by(role: Role) -> Vec<String> {
    let reached = ROUTES.iter().filter(|(.., roles)| roles.contains(&role));
    reached.map(|(method, path, _)| format!("{method} {path}")).collect()
}
