//! The claim that nobody serves beside a server in PARTNER-DOWN.

use std::collections::BTreeMap;

use dhcpfo_engine::state::{Reported, Role, State};

use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::Place;
use crate::refusals::{Tally, count};
use crate::say;
use crate::states::{SECOND, Stretch};
use crate::survey::Survey;

/// How far an answer has to be from a change of state to be judged by it.
const MARGIN: Micros = SECOND / 5;

/// Answers to clients during PARTNER-DOWN: by the server that is in it, and since when; its own, and its partner's.
#[derive(Default)]
pub(crate) struct Beside {
    own: BTreeMap<(usize, Micros), Tally>,
    partners: BTreeMap<(usize, Micros), Tally>,
    downs: BTreeMap<(usize, Micros), Place>,
}

impl Beside {
    /// A server sent DHCPOFFER or DHCPACK.
    pub(crate) fn answered(&mut self, survey: &Survey, role: Role, at: Micros, place: Place) {
        if let Some(down) = down(survey, role, at) {
            self.downs.insert((role.index(), down.from), down.place);
            count(&mut self.own, (role.index(), down.from), at, place);
        }
        let partner = role.partner();
        if let Some(down) = down(survey, partner, at).filter(|down| !has_recovered(survey, role, down, at)) {
            self.downs.insert((partner.index(), down.from), down.place);
            count(&mut self.partners, (partner.index(), down.from), at, place);
        }
    }

    /// The capture is over.
    pub(crate) fn finish(self, survey: &Survey, ledger: &mut Ledger) {
        for (key, down) in &self.downs {
            let role = Role::ALL[key.0];
            let (name, partner) = (survey.called(role), survey.called(role.partner()));
            match (self.own.get(key), self.partners.get(key)) {
                (Some(own), Some(theirs)) => {
                    let text = format!(
                        "the {name} answers clients in PARTNER-DOWN ({}) beside the {partner}, which is not down and \
                         answers clients too: {}; PARTNER-DOWN since {}",
                        say::often(own),
                        say::often(theirs),
                        say::clock(key.1),
                    );
                    let places = [theirs.first.1, own.first.1, *down].into_iter().collect();
                    ledger.violated_times(Claim::PartnerIsDown, theirs.count, theirs.first.0, places, text);
                }
                (Some(own), None) => ledger.held_times(Claim::PartnerIsDown, own.count),
                (None, _) => {
                    let reason = format!("the {name} is in PARTNER-DOWN, and no answer of it is in the capture");
                    ledger.open(Claim::PartnerIsDown, reason);
                }
            }
        }
    }
}

fn down(survey: &Survey, role: Role, at: Micros) -> Option<Stretch> {
    let stretch = survey.log(role).at(at, MARGIN)?;
    (stretch.state == Reported::In(State::PartnerDown) && !stretch.startup).then_some(*stretch)
}

/// It has been in RECOVER-DONE since the partner went to PARTNER-DOWN: it renews leases, and the partner is about to leave.
fn has_recovered(survey: &Survey, role: Role, down: &Stretch, at: Micros) -> bool {
    let stretches = survey.log(role).stretches.iter();
    let mut since = stretches.filter(|stretch| stretch.said >= down.from && stretch.said <= at);
    since.any(|stretch| stretch.state == Reported::In(State::RecoverDone) && !stretch.startup)
}
