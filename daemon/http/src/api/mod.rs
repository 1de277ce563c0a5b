//! The handlers, a file per noun. Each parses, asks the edge, and gives plain values of [`crate::body`].
//!
//! What is in [`open`] is for everybody; whatever is in [`guarded`] is reached only with a session, and its writes only
//! with the session's CSRF token, and only by the roles that `roles` names: no handler checks that itself.

mod administration;
mod alerts;
mod audit;
mod bill;
mod calls;
mod conferences;
mod contacts;
mod costs;
mod decks;
mod devices;
mod doctor;
mod events;
mod export;
mod factor;
mod finding;
mod forwards;
mod guard;
mod health;
mod inbound;
mod incidents;
mod logo;
mod mailbox;
mod maintenance;
mod office;
mod passkeys;
mod people;
mod premium;
mod proof;
mod refused;
mod retention;
mod revisions;
mod ring_groups;
mod rules;
mod scanners;
mod secrets;
mod session;
mod sessions;
mod state;
mod stops;
mod trunks;
mod undos;
mod users;
mod window;
mod wipe;

pub(crate) use audit::AuditEntry;
use axum::Json;
pub(crate) use forwards::forward_refused;
pub(crate) use rules::RulesDue;
pub(crate) use undos::{named, not_taken_back};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::body::Revision;
use crate::edge::Edge;
use crate::problem::Refused;

/// What a write gives.
type Revised = Result<Json<Revision>, Refused>;

/// For everybody.
pub(crate) fn open() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(session::session, session::log_in))
        .routes(routes!(session::set_up))
        .routes(routes!(session::join))
        .routes(routes!(passkeys::ask_log_in))
        .routes(routes!(passkeys::log_in_with_passkey))
        .routes(routes!(state::health))
        .routes(routes!(health::report))
}

/// For who is logged in.
pub(crate) fn guarded() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(session::log_out))
        .routes(routes!(session::change_password))
        .routes(routes!(factor::factor, factor::begin_factor, factor::confirm_factor))
        .routes(routes!(factor::release_factor))
        .routes(routes!(factor::drop_factor))
        .routes(routes!(proof::prove))
        .routes(routes!(rules::accept_rules))
        .routes(routes!(rules::rules, rules::change_rules))
        .routes(routes!(retention::retention, retention::change_retention))
        .routes(routes!(passkeys::passkeys, passkeys::add_passkey))
        .routes(routes!(passkeys::ask_proof))
        .routes(routes!(passkeys::begin_passkey))
        .routes(routes!(passkeys::release_passkey))
        .routes(routes!(sessions::sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(audit::audit))
        .routes(routes!(audit::audit_csv))
        .routes(routes!(users::users, users::invite))
        .routes(routes!(users::change_user, users::remove_user))
        .routes(routes!(users::new_code))
        .routes(routes!(health::token, health::make_token, health::drop_token))
        .routes(routes!(events::events))
        .routes(routes!(office::office))
        .routes(routes!(office::change_identity))
        .routes(routes!(office::change_blocked_callers))
        .routes(routes!(administration::administration, administration::change_administration))
        .routes(routes!(scanners::scanners, scanners::change_scanners))
        .routes(routes!(office::change_line))
        .routes(routes!(office::change_opening))
        .routes(routes!(office::change_support_numbers))
        .routes(routes!(premium::premium_numbers))
        .routes(routes!(premium::change_premium_number, premium::remove_premium_number))
        .routes(routes!(premium::complain))
        .routes(routes!(premium::answer_complaint))
        .routes(routes!(premium::evidence))
        .routes(routes!(office::change_emergency))
        .routes(routes!(alerts::alerts, alerts::change_alerts))
        .routes(routes!(alerts::test_alerts))
        .routes(routes!(maintenance::begin_maintenance, maintenance::end_maintenance))
        .routes(routes!(alerts::ask_contact))
        .routes(routes!(alerts::ring_contact))
        .routes(routes!(alerts::confirm_contact))
        .routes(routes!(people::add_person))
        .routes(routes!(people::rename_person, people::remove_person))
        .routes(routes!(people::new_password))
        .routes(routes!(people::softphone_link))
        .routes(routes!(guard::blocks))
        .routes(routes!(refused::list_refused))
        .routes(routes!(guard::lift_block))
        .routes(routes!(incidents::incidents))
        .routes(routes!(incidents::incident))
        .routes(routes!(incidents::note_done))
        .routes(routes!(incidents::report_json))
        .routes(routes!(incidents::report_pdf))
        .routes(routes!(mailbox::mailbox, mailbox::change_mailbox))
        .routes(routes!(mailbox::message_sound, mailbox::delete_message))
        .routes(routes!(forwards::forward, forwards::change_forward))
        .routes(routes!(costs::costs))
        .routes(routes!(costs::raise_cap))
        .routes(routes!(costs::permit, costs::change_permit))
        .routes(routes!(costs::change_rights, costs::remove_rights))
        .routes(routes!(stops::stops, stops::press_stop))
        .routes(routes!(stops::release_stop))
        .routes(routes!(stops::change_pin))
        .routes(routes!(trunks::change_trunk, trunks::remove_trunk))
        .routes(routes!(trunks::order_trunks))
        .routes(routes!(trunks::presets))
        .routes(routes!(trunks::change_dialect))
        .routes(routes!(trunks::change_channels))
        .routes(routes!(trunks::change_abuse_desk))
        .routes(routes!(trunks::test_help))
        .routes(routes!(doctor::doctor))
        .routes(routes!(doctor::examine))
        .routes(routes!(doctor::go_round))
        .routes(routes!(decks::deck, decks::take_deck, decks::remove_deck))
        .routes(routes!(inbound::change_inbound, inbound::remove_inbound))
        .routes(routes!(conferences::change_conference, conferences::remove_conference))
        .routes(routes!(ring_groups::change_ring_group, ring_groups::remove_ring_group))
        .routes(routes!(contacts::contacts, contacts::add_contact))
        .routes(routes!(contacts::contacts_csv))
        .routes(routes!(contacts::preview_contacts))
        .routes(routes!(contacts::import_contacts))
        .routes(routes!(contacts::change_contact, contacts::remove_contact))
        .routes(routes!(window::open_window, window::close_window))
        .routes(routes!(finding::finding, finding::change_finding))
        .routes(routes!(logo::logo, logo::choose_logo, logo::remove_logo))
        .routes(routes!(secrets::renew_secrets))
        .routes(routes!(wipe::wipe))
        .routes(routes!(devices::adopt_device))
        .routes(routes!(devices::remove_device))
        .routes(routes!(devices::resync_device))
        .routes(routes!(devices::renew_device))
        .routes(routes!(devices::recognise_device))
        .routes(routes!(devices::allow_plain_http))
        .routes(routes!(devices::give_handset, devices::take_handset))
        .routes(routes!(devices::set_modules))
        .routes(routes!(devices::set_unencrypted))
        .routes(routes!(devices::set_room))
        .routes(routes!(devices::replace_device))
        .routes(routes!(calls::calls))
        .routes(routes!(calls::hang_up))
        .routes(routes!(calls::allow_call))
        .routes(routes!(export::calls_csv))
        .routes(routes!(export::calls_json))
        .routes(routes!(bill::compare_bill))
        .routes(routes!(revisions::revisions))
        .routes(routes!(revisions::revert))
        .routes(routes!(undos::undos))
        .routes(routes!(undos::take_back))
        .routes(routes!(undos::take_back_by_code))
        .routes(routes!(state::counters))
}

async fn revised(edge: &Edge, change: centrale_config::Change) -> Revised {
    Ok(Json(Revision { revision: edge.change(change).await? }))
}
