//! Draft-12's budgets, for searches of all combinations of them ([`dhcpfo_study::lattice`]).

use crate::run::run;
use dhcpfo_search::search::SearchError;
use dhcpfo_study::answer::{Answer, RunOptions, Watch};
use dhcpfo_study::lattice::{Budgeted, Range};
use dhcpfo_world::budget::{Budgets, Item};
use dhcpfo_world::model::{Exchange, Model};

/// A model whose budgets are set one by one.
pub struct Combined<'a>(pub &'a Model);

/// The amounts of a combination, which are in the order of [`Item::WORDS`].
fn budgets(amounts: &[u8]) -> Budgets {
    let items = Item::WORDS.iter().map(|(item, _)| *item);
    items.zip(amounts).fold(Budgets::NONE, |budgets, (item, amount)| budgets.with(item, *amount))
}

impl Budgeted for Combined<'_> {
    fn budgets(&self) -> Vec<Range> {
        let range = |&(item, name)| Range { name, least: 0, most: self.0.budgets.left(item) };
        Item::WORDS.iter().map(range).collect()
    }

    fn claims(&self) -> Vec<&'static str> {
        self.0.claims.iter().map(|claim| claim.entry.name).collect()
    }

    fn setting(&self) -> String {
        let model = self.0;
        let rules: Vec<String> = model.servers[0].rules.words().map(|(key, word)| format!("{key}={word}")).collect();
        let others = model.servers[1].rules != model.servers[0].rules;
        let parts = format!(
            "{:?} {:?} {:?} {} {:?} {:?} {} {:?} {:?} {} {} {:?} {others} {} {}",
            model.addresses,
            model.clients,
            model.servers.map(|server| server.buckets),
            model.max_unacked,
            model.exchange,
            model.delay,
            model.late_packets,
            model.anchor,
            model.start,
            model.split_steps,
            model.truthful,
            model.lengths,
            rules.join(" "),
            Budgeted::claims(self).join(" "),
        );
        parts.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn adds_nothing(&self, amounts: &[u8]) -> bool {
        adds_nothing(self.0, &budgets(amounts))
    }

    fn search(
        &self,
        amounts: &[u8],
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<Answer, SearchError> {
        let mut model = Model { budgets: budgets(amounts), witnesses: Vec::new(), ..self.0.clone() };
        model.claims.retain(|claim| names.contains(&claim.entry.name));
        run(&model, options, watch).map(|(answer, _)| answer.in_text())
    }
}

/// Whether some of what is allowed can never be spent, so that a smaller combination has the same states.
fn adds_nothing(model: &Model, budgets: &Budgets) -> bool {
    let amount = |item| budgets.left(item);
    let (leases, packets) = (amount(Item::Leases), model.exchange == Exchange::Packets);
    let at_most = [
        (Item::StorageLosses, amount(Item::Crashes)),
        // One for each lease that there is.
        (Item::Releases, leases),
        (Item::Declines, leases),
        (Item::Losses, if packets { 0 } else { leases }),
        (Item::Duplicates, if packets && leases > 0 { u8::MAX } else { 0 }),
        // The first lease is obtained.
        (Item::Reboots, leases.saturating_sub(1)),
        (Item::Resets, if model.truthful { amount(Item::Declines) } else { u8::MAX }),
    ];
    at_most.into_iter().any(|(item, most)| amount(item) > most)
}
