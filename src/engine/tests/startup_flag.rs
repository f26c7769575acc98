//! What the STARTUP flag of a partner means to a server that is in STARTUP itself: failover-12 §9.3.2, §9.4.3; Q24, Q92.

mod support;

use dhcpfo_engine::binding::Binding;
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::effect::{Effect, Input, Note};
use dhcpfo_engine::endpoint::{Endpoint, Phase};
use dhcpfo_engine::rules::StartupFlag;
use dhcpfo_engine::state::{Reported, Role, State};
use support::{Counting, PARAMETERS, Server, config, durable, step};

const NOW: u32 = 1000;

fn start(role: Role, found: State, clock: &mut Counting) -> Server {
    let bindings = [Binding::NEVER_USED; 2];
    Endpoint::start(&config(role), durable(EndpointRecord::of(found), &bindings), clock, &mut |_| {})
}

/// Q92: what a partner was before it heard of PARTNER-DOWN does not end STARTUP, nor make communications ok.
#[test]
fn a_server_that_will_resume_partner_down_waits_for_a_word_without_the_flag() {
    for role in Role::ALL {
        for stored in State::ALL {
            for partner in support::reports() {
                let (config, mut clock) = (config(role), Counting::small(NOW));
                let mut server = start(role, stored, &mut clock);
                step(&mut server, &config, &mut clock, Input::Connected(PARAMETERS));
                let before = server;
                let effects = step(&mut server, &config, &mut clock, support::state_message(partner, true, 950));
                let waits = stored == State::PartnerDown && partner != Reported::In(State::PartnerDown);
                assert_eq!(server == before, waits, "{} {} {}", role.name(), stored.name(), partner.name());
                if waits {
                    assert_eq!(effects, [Effect::Note(Note::Ignored)]);
                }
                assert_eq!(server.volatile().phase == Phase::Running, !waits);
            }
        }
    }
}

/// Q24, Q92: two servers start at once, one of them resumes in PARTNER-DOWN. In the other reading it acts on the first
/// report whatever its flag, since it hears it in STARTUP, and a partner that does not report a recovery leads to
/// POTENTIAL-CONFLICT.
#[test]
fn the_first_report_counts_in_startup_if_the_flag_counts_only_when_running() {
    for (partner, next) in [
        (State::CommunicationsInterrupted, State::PotentialConflict),
        (State::Recover, State::PartnerDown),
        (State::RecoverWait, State::PartnerDown),
    ] {
        let (mut config, mut clock) = (config(Role::Primary), Counting::small(NOW));
        config.rules.startup_flag = StartupFlag::IgnoredWhenRunning;
        let mut server = start(Role::Primary, State::PartnerDown, &mut clock);
        step(&mut server, &config, &mut clock, Input::Connected(PARAMETERS));
        let flagged = support::state_message(Reported::In(partner), true, 950);
        step(&mut server, &config, &mut clock, flagged);
        assert_eq!((server.state(), server.volatile().phase), (next, Phase::Running));
        // From here on the flag counts (F12-9.4.3-a).
        let flagged = support::state_message(Reported::In(State::Normal), true, 950);
        step(&mut server, &config, &mut clock, flagged);
        assert_eq!(server.state(), next);
    }
}
