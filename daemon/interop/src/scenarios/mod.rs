//! The scenarios: what two people and a provider do with each other, told once and run with kamailio and with the box;
//! and what phones and strangers do with the box alone.

mod answers;
mod by_address;
mod calls;
mod conference;
mod demo;
pub mod doctor;
mod examined;
mod flood;
mod half_open;
mod help;
mod incidents;
mod internet;
pub mod laboratory;
mod load;
mod mail;
mod midlife;
mod moved;
mod new_model;
mod outage;
mod outside;
mod passwords;
mod peers;
mod power_cut;
mod provider;
pub mod rewritten;
pub mod round;
mod router;
mod routers;
mod rung;
mod scanners;
mod secrets;
mod servers;
mod setting_up;
mod slowloris;
mod sounds;
mod strangers;
mod wall;

use std::thread;
use std::time::{Duration, Instant};

use crate::private_world::ThreeHosts;
use crate::transcript::take_last_words;
use crate::{Failure, Middle, OfficeLan, Phone, Place, Recording, Result, Tone, drill};

/// One story.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// What it shows, as a name.
    pub name: &'static str,
    /// Where it plays, and the telling.
    story: Story,
    /// Whether it says nothing unless it plays in full, alone.
    in_full_alone: bool,
}

/// Where a scenario plays, and the telling.
#[derive(Debug, Clone, Copy)]
enum Story {
    /// Everybody on the loopback of one host.
    OnLoopback(fn(&Stage) -> Result<()>),
    /// The same, with what only the box does: no peer can stand in for it.
    AtTheBox(fn(&Stage) -> Result<()>),
    /// Phones, middle and provider on hosts of their own, joined by the middle.
    OnThreeHosts(fn(&Stage) -> Result<()>),
    /// The same, with what only the box does.
    BoxOnThreeHosts(fn(&Stage) -> Result<()>),
    /// The box and desks on one network, each with a MAC address of its own. Only the box sets phones up.
    InTheOffice(fn(&mut OfficeLan) -> Result<()>),
    /// The box and as many phones as it tells of, each with a MAC address of its own.
    InTheStreet(fn() -> Result<()>),
    /// The ALG doctor, routers and a provider, each on a host of its own. Nobody stands in the middle but the router.
    BehindRouters(fn() -> Result<()>),
}

impl Scenario {
    /// Whether it needs several hosts, and so network namespaces.
    #[must_use]
    pub fn needs_namespaces(&self) -> bool {
        !matches!(self.story, Story::OnLoopback(_) | Story::AtTheBox(_))
    }

    /// Whether it plays here at all: what takes minutes, or is held to time alone, is the drill's.
    #[must_use]
    pub fn plays(&self) -> bool {
        !self.in_full_alone || drill::is_full()
    }

    const fn in_full_alone(self) -> Self {
        Self { in_full_alone: true, ..self }
    }

    /// Why it cannot play on this machine, though namespaces are allowed.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        matches!(self.story, Story::BehindRouters(_)).then(routers::refusal).flatten()
    }

    /// Who is to stand in the middle: a run for each.
    #[must_use]
    pub fn middles(&self) -> &'static [Middle] {
        match self.story {
            Story::OnLoopback(_) | Story::OnThreeHosts(_) => &[Middle::Peers, Middle::Box],
            Story::BehindRouters(_) => &[Middle::Peers],
            Story::AtTheBox(_) | Story::BoxOnThreeHosts(_) | Story::InTheOffice(_) | Story::InTheStreet(_) => {
                &[Middle::Box]
            }
        }
    }

    /// Plays it once.
    ///
    /// # Errors
    /// What did not go as told, followed by the last lines of every program that took part.
    pub fn play(&self, middle: Middle) -> std::result::Result<(), String> {
        take_last_words();
        self.play_on(middle).map_err(|failure| format!("{failure}\n{}", take_last_words()))
    }

    fn play_on(&self, middle: Middle) -> Result<()> {
        match self.story {
            Story::OnLoopback(tell) | Story::AtTheBox(tell) => {
                let [phones, inside, outside, provider] = [(); 4].map(|()| Place::here());
                tell(&Stage { middle, phones, inside, outside, provider })
            }
            Story::OnThreeHosts(tell) | Story::BoxOnThreeHosts(tell) => {
                let hosts = ThreeHosts::make(middle == Middle::Peers)?;
                let [phones, inside] = [hosts.phones.clone(), hosts.middle.clone()];
                let [outside, provider] = [hosts.middle_outside.clone(), hosts.provider.clone()];
                tell(&Stage { middle, phones, inside, outside, provider })
            }
            Story::InTheOffice(tell) => tell(&mut OfficeLan::make()?),
            Story::InTheStreet(tell) | Story::BehindRouters(tell) => tell(),
        }
    }
}

/// The places of one run, and who stands in the middle.
#[derive(Debug)]
struct Stage {
    middle: Middle,
    /// Where phones run.
    phones: Place,
    /// Where the exchange runs, as phones reach it.
    inside: Place,
    /// The same host as the provider reaches it.
    outside: Place,
    /// Where the provider runs, and the phones of the world with it.
    provider: Place,
}

/// Every scenario, in the order of the story: the office first, then the world, then many.
pub const ALL: &[Scenario] = &[
    // First, because it is mostly waiting that others can share.
    on_loopback("a_phone_that_nobody_picks_up_stops_after_a_minute", calls::nobody_comes),
    box_on_three_hosts(
        "drill_providers_that_are_cut_off_are_missed_within_a_minute_and_found_within_five_seconds_of_their_return",
        outage::cut_off,
    ),
    at_the_box("a_provider_that_says_nothing_to_a_call_ends_it_within_a_minute", answers::nothing),
    in_the_office("the_demo_shows_a_call_on_the_page_and_one_in_its_log_within_a_minute", demo::lives),
    on_loopback("baresip_calls_linphone_and_each_hears_the_other", calls::baresip_calls_linphone),
    on_loopback("linphone_calls_baresip_and_each_hears_the_other", calls::linphone_calls_baresip),
    on_loopback("linphone_holds_baresip_and_takes_it_back", calls::linphone_holds_baresip),
    on_loopback("baresip_holds_linphone_and_takes_it_back", calls::baresip_holds_linphone),
    on_loopback("linphone_holds_linphone_and_both_hear_again", calls::linphone_holds_linphone),
    at_the_box("baresip_hands_a_call_on_and_is_free", calls::baresip_hands_linphone_on),
    at_the_box("linphone_hands_a_call_on_and_is_free", calls::linphone_hands_linphone_on),
    at_the_box("who_is_handed_on_hears_it_ring_meanwhile", sounds::linphone_hears_it_ring),
    at_the_box("who_is_handed_on_with_srtp_hears_it_ring_meanwhile", sounds::baresip_hears_it_ring_with_srtp),
    at_the_box("who_is_handed_on_in_wideband_hears_it_ring_meanwhile", sounds::baresip_hears_it_ring_in_wideband),
    at_the_box("a_tone_left_as_a_message_is_heard_from_the_phone_of_whom_it_is_for", sounds::message_left_and_heard),
    at_the_box("three_phones_in_a_conference_each_hear_both_others", conference::three_phones),
    at_the_box("who_is_parked_hears_soft_notes_until_somebody_comes", sounds::parked),
    on_loopback("a_caller_who_gives_up_stops_the_ringing", calls::caller_gives_up),
    on_loopback("a_busy_phone_is_heard_to_be_busy", calls::busy),
    on_loopback("a_call_that_nobody_answers_ends", calls::no_answer),
    on_loopback("a_number_that_nobody_has_is_refused", calls::unknown_number),
    on_loopback("phones_over_tcp_call_each_other", calls::over_tcp),
    on_loopback("a_phone_with_srtp_calls_and_is_called", calls::encrypted),
    on_loopback("phones_over_ipv6_call_each_other", calls::over_ipv6),
    at_the_box("a_phone_with_ipv4_and_one_with_ipv6_hear_each_other", calls::from_ipv4_to_ipv6),
    on_loopback("a_wrong_password_is_refused_and_harms_nobody_else", passwords::wrong_password),
    on_loopback("a_call_goes_out_through_the_provider", outside::call_out),
    on_loopback("a_call_comes_in_from_the_provider", outside::call_in),
    on_loopback("a_call_goes_out_over_a_tcp_trunk", outside::call_out_over_tcp),
    on_loopback("a_call_comes_in_over_a_tcp_trunk", outside::call_in_over_tcp),
    on_loopback("a_call_goes_out_over_a_tls_trunk", outside::call_out_over_tls),
    at_the_box("a_call_comes_in_over_a_tls_trunk", outside::call_in_over_tls),
    at_the_box("a_call_goes_out_encrypted_over_a_trunk_that_demands_it", outside::call_out_encrypted),
    at_the_box("a_call_comes_in_encrypted_over_a_trunk_that_demands_it", outside::call_in_encrypted),
    box_on_three_hosts(
        "a_provider_that_knows_the_box_by_its_address_takes_its_calls_and_brings_others",
        by_address::both_ways,
    ),
    on_loopback("a_refused_account_is_said_once_and_not_asked_for_again", outside::refused),
    box_on_three_hosts(
        "of_two_servers_that_dns_names_the_second_takes_the_calls_when_the_first_dies_and_both_are_found_again",
        servers::over_udp,
    ),
    box_on_three_hosts("of_two_servers_over_tcp_the_second_stands_in_for_the_first", servers::over_tcp),
    box_on_three_hosts("of_two_servers_over_tls_the_second_stands_in_for_the_first", servers::over_tls),
    at_the_box("what_a_provider_means_by_a_refusal_is_on_the_page", provider::refusals),
    at_the_box("a_provider_that_asks_to_be_left_alone_is_asked_last_until_then", provider::left_alone),
    at_the_box("a_call_for_help_carries_the_offices_address_to_who_takes_it", help::with_the_offices_address),
    at_the_box("the_test_number_is_rung_and_let_go_and_the_way_to_help_is_proven", help::proven),
    at_the_box("what_must_be_known_leaves_as_mail_and_a_refused_log_in_is_on_the_page", mail::told),
    at_the_box("who_must_know_is_called_hears_it_and_says_so_by_a_1", rung::told),
    at_the_box("a_providers_tone_is_heard_before_the_answer_and_who_gives_up_is_let_go", answers::before_the_answer),
    at_the_box("an_answer_in_which_nothing_can_be_heard_ends_the_call_at_both_ends", answers::unusable),
    on_loopback("a_thousand_calls_with_digest_none_failed", load::thousand_calls),
    on_three_hosts("phones_of_another_network_call_each_other", calls::baresip_calls_linphone),
    on_three_hosts("a_call_goes_out_from_network_to_network", outside::call_out),
    on_three_hosts("a_call_comes_in_from_network_to_network", outside::call_in),
    in_the_office("a_phone_sets_itself_up_and_its_secrets_are_written_nowhere", setting_up::by_itself),
    in_the_street("no_secret_of_any_kind_of_phone_nor_of_the_office_is_written_anywhere", secrets::of_everything),
    in_the_office("linphone_as_it_comes_sets_itself_up_from_a_code_that_works_once", setting_up::soft_phone),
    in_the_office(
        "linphone_that_trusts_the_box_sets_itself_up_safely_from_a_link_that_works_once",
        setting_up::soft_phone_that_trusts_the_box,
    ),
    in_the_office("a_certificate_binds_a_phone_and_a_wrong_one_is_refused", setting_up::with_certificates),
    in_the_office(
        "a_phone_that_its_maker_vouches_for_is_set_up_again_without_anybodys_word",
        setting_up::with_makers_certificates,
    ),
    in_the_office("a_model_that_lies_in_a_folder_sets_itself_up_and_calls", new_model::laid_into_a_folder),
    in_the_office(
        "a_new_model_with_a_mistake_is_told_and_keeps_no_other_phone_from_calling",
        new_model::with_a_mistake,
    ),
    in_the_office("a_phone_is_told_by_the_offices_router_where_the_box_is", router::told_by_the_router),
    in_the_office("a_phone_that_asks_by_dhcp_is_told_by_the_box_and_gets_no_address_from_it", router::told_by_the_box),
    in_the_office("a_dhcp_server_beside_the_box_is_shown_as_a_problem", router::port_taken),
    in_the_office(
        "drill_a_stranger_with_every_name_gets_nothing_while_no_window_is_open",
        strangers::outside_the_window,
    ),
    in_the_office("drill_a_stranger_gets_no_secret_while_a_window_is_open", strangers::inside_the_window),
    in_the_office(
        "drill_a_stranger_who_plays_a_snom_a_base_and_an_app_gets_nothing_and_is_told_of",
        strangers::every_kind_of_phone,
    ),
    in_the_office("drill_a_stolen_token_is_worth_nothing_and_costs_its_phone_the_secret", strangers::stolen_token),
    in_the_office("drill_a_clone_of_a_phone_gets_nothing_without_somebodys_word", strangers::cloned),
    in_the_office("drill_who_guesses_tokens_is_slowed_and_seen", strangers::guesses),
    in_the_office("drill_bad_requests_get_one_constant_refusal", strangers::bad_requests),
    in_the_office("drill_scanners_find_nobody_and_crack_nothing_and_the_phones_go_on", scanners::scanners),
    in_the_office(
        "drill_from_the_internet_a_box_at_a_public_address_is_not_to_be_found",
        internet::at_a_public_address,
    ),
    in_the_office(
        "drill_from_the_internet_through_a_router_that_brings_everybody_nobody_is_found_and_nothing_cracked",
        internet::through_a_router,
    ),
    in_the_office(
        "drill_who_is_kept_from_the_page_by_guesses_is_back_within_a_minute_by_a_code_from_a_phone",
        internet::back_by_phone,
    ),
    in_the_office(
        "drill_who_is_blocked_stays_so_through_a_crash_and_no_other_rule_of_the_kernel_is_touched",
        wall::of_the_kernel,
    ),
    in_the_office("drill_who_is_blocked_stays_so_through_a_crash_also_without_the_kernel", wall::of_the_program),
    in_the_office("help_is_called_from_a_desk_that_the_kernel_blocks", help::from_a_desk_blocked_by_the_kernel),
    in_the_office("help_is_called_from_a_desk_that_the_box_blocks", help::from_a_desk_blocked_by_the_program),
    in_the_office("drill_a_flood_from_one_desk_costs_a_phone_no_request", flood::on_the_kernel),
    in_the_office(
        "drill_a_flood_from_one_desk_costs_a_phone_no_request_also_without_the_kernel",
        flood::on_the_program,
    ),
    in_the_office(
        "drill_a_flood_in_a_phones_name_costs_neither_that_phone_nor_another_a_request",
        flood::in_a_phones_name,
    ),
    in_the_office("drill_a_flood_of_invites_by_sipp_costs_a_phone_no_request", flood::of_invites),
    in_the_office("drill_a_flood_from_many_sources_under_the_kernels_limit_costs_a_phone_no_request", flood::from_many),
    in_the_office("drill_connections_begun_without_end_keep_no_phone_and_no_owner_out", half_open::begun_without_end),
    in_the_office("drill_the_box_judges_fewer_guesses_than_its_peers", peers::guessed_at),
    in_the_office("drill_the_box_judges_fewer_guesses_of_many_than_its_peers", peers::guessed_at_together)
        .in_full_alone(),
    in_the_office("drill_the_box_tells_who_looks_around_less_than_a_peer", peers::seen).in_full_alone(),
    in_the_office("drill_the_box_takes_a_whole_office_in_that_its_peers_shut_out", peers::come_back).in_full_alone(),
    in_the_office("drill_connections_and_packets_without_end_hurt_the_box_less_than_a_peer", peers::hurt)
        .in_full_alone(),
    in_the_office("drill_two_thousand_dribbling_connections_are_closed_and_the_phones_go_on", slowloris::two_thousand),
    in_the_office(
        "drill_two_thousand_dribbling_connections_at_the_page_keep_no_owner_and_no_phone_out",
        slowloris::at_the_page,
    ),
    in_the_street(
        "drill_after_a_power_cut_two_hundred_phones_come_back_at_once_and_help_is_called_meanwhile",
        power_cut::two_hundred_phones,
    ),
    behind_routers("the_box_finds_the_kernels_helper_within_a_minute_of_its_first_registration", examined::by_the_box),
    behind_routers(
        "a_call_that_is_silent_behind_the_kernels_helper_is_heard_when_the_box_goes_round_it",
        examined::gone_round,
    ),
    behind_routers(
        "calls_that_are_silent_behind_a_router_are_heard_held_handed_on_and_ended_when_the_box_goes_round_it",
        round::few_calls,
    ),
    behind_routers(
        "a_router_that_begins_to_read_calls_is_gone_round_and_no_more_when_it_is_mended",
        round::few_calls_in_midlife,
    ),
    behind_routers("drill_a_call_comes_in_soon_after_the_router_has_another_address", moved::at_the_router)
        .in_full_alone(),
    behind_routers("the_box_tells_what_programs_on_the_way_do_as_far_as_it_can", rewritten::by_the_box),
    behind_routers("the_alg_doctor_tells_the_kernels_helper_from_honest_routers", doctor::behind_real_routers),
    behind_routers("the_alg_doctor_and_the_reflector_tell_what_programs_on_the_way_do", doctor::behind_programs),
];

const fn behind_routers(name: &'static str, tell: fn() -> Result<()>) -> Scenario {
    Scenario { name, story: Story::BehindRouters(tell), in_full_alone: false }
}

const fn on_loopback(name: &'static str, tell: fn(&Stage) -> Result<()>) -> Scenario {
    Scenario { name, story: Story::OnLoopback(tell), in_full_alone: false }
}

const fn at_the_box(name: &'static str, tell: fn(&Stage) -> Result<()>) -> Scenario {
    Scenario { name, story: Story::AtTheBox(tell), in_full_alone: false }
}

const fn on_three_hosts(name: &'static str, tell: fn(&Stage) -> Result<()>) -> Scenario {
    Scenario { name, story: Story::OnThreeHosts(tell), in_full_alone: false }
}

const fn box_on_three_hosts(name: &'static str, tell: fn(&Stage) -> Result<()>) -> Scenario {
    Scenario { name, story: Story::BoxOnThreeHosts(tell), in_full_alone: false }
}

const fn in_the_office(name: &'static str, tell: fn(&mut OfficeLan) -> Result<()>) -> Scenario {
    Scenario { name, story: Story::InTheOffice(tell), in_full_alone: false }
}

const fn in_the_street(name: &'static str, tell: fn() -> Result<()>) -> Scenario {
    Scenario { name, story: Story::InTheStreet(tell), in_full_alone: false }
}

/// How long a tone must have been heard to count as conversation.
const CONVERSATION_MS: u64 = 1500;
/// How long that may take: many times as long as it sounds.
const LISTENING: Duration = Duration::from_secs(20);

/// Waits until `phone` has heard `tone` for a while, counted from `since` milliseconds into its recording.
fn hears_since(phone: &mut dyn Phone, tone: Tone, since: u64) -> Result<()> {
    hears_for(phone, tone, since, CONVERSATION_MS)
}

/// The same for at least so many milliseconds.
fn hears_for(phone: &mut dyn Phone, tone: Tone, since: u64, milliseconds: u64) -> Result<()> {
    let deadline = Instant::now() + LISTENING;
    let mut heard: Option<Recording> = None;
    while Instant::now() < deadline {
        heard = phone.heard().ok().map(|recording| recording.since(since));
        if heard.as_ref().is_some_and(|heard| heard.milliseconds_of(tone) >= milliseconds) {
            return Ok(());
        }
        // The file grows as the phone hears: look again when there can be something new. The deadline ends the test, this does not.
        thread::park_timeout(Duration::from_millis(100));
    }
    let (all, of_tone) = heard.map_or((0, 0), |heard| (heard.milliseconds(), heard.milliseconds_of(tone)));
    Err(Failure::Unexpected(format!("{} Hz was heard for {of_tone} ms, in {all} ms of recording", tone.hertz)))
}

/// Waits until each has heard the other: both ways, by content.
fn hear_each_other(caller: &mut dyn Phone, callee: &mut dyn Phone) -> Result<()> {
    hears_since(caller, Tone::CALLEE, 0)?;
    hears_since(callee, Tone::CALLER, 0)
}

/// `caller` calls `number`, which rings at `callee`, who picks up. Returns who the callee saw calling.
fn connect(caller: &mut dyn Phone, number: &str, callee: &mut dyn Phone) -> Result<String> {
    caller.dial(number)?;
    let seen = callee.wait_incoming()?;
    caller.wait_ringback()?;
    callee.answer()?;
    callee.wait_established()?;
    caller.wait_established()?;
    Ok(seen)
}

/// One hangs up, and the other notices.
fn hang_up(one: &mut dyn Phone, other: &mut dyn Phone) -> Result<()> {
    one.hang_up()?;
    one.wait_ended()?;
    other.wait_ended().map(drop)
}

/// Fails unless `text` contains one of `wanted`.
fn says(text: &str, wanted: &[&str]) -> Result<()> {
    if wanted.iter().any(|wanted| text.contains(wanted)) {
        return Ok(());
    }
    Err(Failure::Unexpected(format!("'{text}' says nothing of {}", wanted.join(" or "))))
}
