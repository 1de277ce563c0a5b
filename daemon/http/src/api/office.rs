//! The office as a whole.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use centrale_config::{Change, PhoneUsers, TypedDialect, TypedEmergency};
use centrale_provisioning::{Enrolment, Model};

use super::{Revised, revised};
use crate::asker::Asker;
use crate::body::{
    AbuseDesk, Base, BlockedCallers, Channels, Conference, Emergency, Handset, Identity, Inbound, Line, Logo, Office,
    Opening, OpeningChange, Person, Phone, Revision, Rights, RingGroup, SupportNumbers, Trunk,
};
use crate::edge::Edge;
use crate::extract::Body;

/// The current revision of the office, without its secrets. A person gets the own entry of it, and where it is.
#[utoipa::path(get, path = "/api/v1/office", responses((status = 200, description = "The office", body = Office)))]
pub(super) async fn office(State(edge): State<Edge>, Extension(asker): Extension<Arc<Asker>>) -> Json<Office> {
    let desk = edge.0.desk.lock().await;
    let whole = shown(desk.revision, &desk.office, &desk.enrolment);
    Json(asker.only().into_iter().fold(whole, own_of))
}

/// Says who and where the office is.
#[utoipa::path(put, path = "/api/v1/office/identity", request_body = Identity,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_identity(State(edge): State<Edge>, Body(body): Body<Identity>) -> Revised {
    let Identity { name, country, area_code, language, time_zone } = body;
    revised(&edge, Change::SetIdentity { name, country, area_code, language, time_zone }).await
}

/// Says from whom nobody in the office is called.
#[utoipa::path(put, path = "/api/v1/office/blocked-callers", request_body = BlockedCallers,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_blocked_callers(State(edge): State<Edge>, Body(body): Body<BlockedCallers>) -> Revised {
    let BlockedCallers { numbers, refuse_withheld } = body;
    revised(&edge, Change::SetBlockedCallers { numbers, refuse_withheld }).await
}

/// Says what the line to the internet carries.
#[utoipa::path(put, path = "/api/v1/office/line", request_body = Line,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_line(State(edge): State<Edge>, Body(body): Body<Line>) -> Revised {
    revised(&edge, Change::SetLine { kbit: body.kbit }).await
}

/// Says when there are people in the office.
#[utoipa::path(put, path = "/api/v1/office/opening", request_body = OpeningChange,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_opening(State(edge): State<Edge>, Body(body): Body<OpeningChange>) -> Revised {
    revised(&edge, Change::SetOpening { opening: Some(body.into()) }).await
}

/// Says which numbers of support everybody may always call.
#[utoipa::path(put, path = "/api/v1/office/support-numbers", request_body = SupportNumbers,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_support_numbers(State(edge): State<Edge>, Body(body): Body<SupportNumbers>) -> Revised {
    revised(&edge, Change::SetSupportNumbers { numbers: body.numbers }).await
}

/// Says where help is to come, and which number proves the way out.
#[utoipa::path(put, path = "/api/v1/office/emergency", request_body = Emergency,
    responses((status = 200, description = "The new revision", body = Revision)))]
pub(super) async fn change_emergency(State(edge): State<Edge>, Body(body): Body<Emergency>) -> Revised {
    revised(&edge, Change::SetEmergency { emergency: body.into() }).await
}

/// Of the whole office, what is the own of the person with this number.
fn own_of(office: Office, own: &str) -> Office {
    Office {
        revision: office.revision,
        identity: office.identity,
        people: office.people.into_iter().filter(|person| person.number == own).collect(),
        phones: Vec::new(),
        trunks: Vec::new(),
        inbound: Vec::new(),
        ring_groups: Vec::new(),
        conferences: Vec::new(),
        rights: Vec::new(),
        blocked_callers: BlockedCallers { numbers: Vec::new(), refuse_withheld: false },
        line: Line { kbit: None },
        opening: office.opening,
        support_numbers: office.support_numbers,
        logo: None,
        emergency: TypedEmergency::default().into(),
    }
}

fn shown(revision: u64, office: &centrale_config::Office, enrolment: &Enrolment) -> Office {
    let identity = &office.identity;
    Office {
        revision,
        identity: Identity {
            name: identity.name.clone(),
            country: identity.country.to_string(),
            area_code: identity.area_code.clone(),
            language: identity.language.code().to_owned(),
            time_zone: identity.time_zone.clone(),
        },
        people: office.people.iter().map(person).collect(),
        phones: office.phones.iter().map(|one| phone(one, enrolment.model_in_office(one.mac))).collect(),
        trunks: office.trunks.iter().map(trunk).collect(),
        inbound: office.inbound.iter().map(Inbound::of).collect(),
        ring_groups: office.ring_groups.iter().map(ring_group).collect(),
        conferences: office.conferences.iter().map(Conference::of).collect(),
        rights: office.rights.iter().map(rights).collect(),
        blocked_callers: blocked_callers(office),
        line: Line { kbit: office.line_kbit },
        opening: Opening::of(office),
        support_numbers: SupportNumbers { numbers: office.support_numbers.iter().map(ToString::to_string).collect() },
        logo: office.logo.map(|sha256| Logo { sha256: sha256.to_string(), missing: enrolment.logo().is_none() }),
        emergency: TypedEmergency::from(&office.emergency).into(),
    }
}

fn person(person: &centrale_config::Person) -> Person {
    Person { number: person.number.to_string(), name: person.name.clone() }
}

fn phone(phone: &centrale_config::Phone, model: Option<&Model>) -> Phone {
    let handset = |handset: &centrale_config::Handset| Handset {
        place: handset.place,
        person: handset.person.to_string(),
        model: handset.model.clone(),
    };
    let base = |handsets: &Vec<centrale_config::Handset>| Base {
        handsets: handsets.iter().map(handset).collect(),
        most: model.map_or(0, Model::most_handsets),
        models: model.map(|model| model.handsets.clone()).unwrap_or_default(),
    };
    Phone {
        mac: phone.mac.to_string(),
        model: phone.model.clone(),
        people: phone.people().map(ToString::to_string).collect(),
        base: match &phone.users {
            PhoneUsers::Handsets(handsets) => Some(base(handsets)),
            PhoneUsers::Person(_) => None,
        },
        modules: phone.modules,
        most_modules: model.map_or(0, |model| model.modules),
        unencrypted: phone.unencrypted,
        room: phone.room.clone(),
    }
}

fn trunk(trunk: &centrale_config::Trunk) -> Trunk {
    Trunk {
        name: trunk.name.clone(),
        server: trunk.server.to_string(),
        transport: trunk.transport.word(),
        username: trunk.username.clone(),
        register: trunk.register,
        numbers: trunk.numbers.iter().map(ToString::to_string).collect(),
        dialect: TypedDialect::from(&trunk.dialect).into(),
        channels: Channels { account: trunk.channels.account, number: trunk.channels.number },
        abuse_desk: trunk.abuse.as_ref().map(AbuseDesk::of),
    }
}

fn blocked_callers(office: &centrale_config::Office) -> BlockedCallers {
    let numbers = office.blocked_callers.iter().map(ToString::to_string).collect();
    BlockedCallers { numbers, refuse_withheld: office.refuse_withheld }
}

fn rights(group: &centrale_config::Rights) -> Rights {
    Rights { name: group.name.clone(), calls: group.reach.word().to_owned(), premium: group.premium }
}

fn ring_group(group: &centrale_config::RingGroup) -> RingGroup {
    RingGroup {
        number: group.number.to_string(),
        name: group.name.clone(),
        members: group.members.iter().map(ToString::to_string).collect(),
    }
}
