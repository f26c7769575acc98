//! Draft-12's lengths of time, for searches that ask which inequalities a verdict needs
//! ([`dhcpfo_study::inequalities`]).

use crate::run::{may_stand_for_others, run};
use crate::world::WorldSpace;
use dhcpfo_clock::{Condition, Lengths, Phi};
use dhcpfo_engine::span::WORDS;
use dhcpfo_search::search::SearchError;
use dhcpfo_study::answer::{Answer, RunOptions, Watch};
use dhcpfo_study::inequalities::{ForAll, Lengthened, for_all};
use dhcpfo_time::SpanWords;
use dhcpfo_world::model::Model;

/// A model whose lengths are set.
pub struct Lengthy<'a>(pub &'a Model);

impl Lengthened for Lengthy<'_> {
    fn given(&self) -> Lengths {
        self.0.lengths
    }

    fn words(&self) -> Vec<SpanWords> {
        WORDS.to_vec()
    }

    fn claims(&self) -> Vec<&'static str> {
        self.0.claims.iter().map(|claim| claim.entry.name).collect()
    }

    fn for_all(
        &self,
        (phi, excluded): (Phi, &[Vec<Condition>]),
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<ForAll, SearchError> {
        let model = self.claiming(names);
        may_stand_for_others(&model)?;
        for_all(&|clock| WorldSpace::new(&model, clock), &model.lengths, (phi, excluded), options, watch)
    }

    fn for_these(
        &self,
        lengths: &Lengths,
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<Answer, SearchError> {
        let model = Model { lengths: *lengths, ..self.claiming(names) };
        run(&model, options, watch).map(|(answer, _)| answer.in_text())
    }
}

impl Lengthy<'_> {
    /// The same model with nothing to judge but these claims.
    fn claiming(&self, names: &[&'static str]) -> Model {
        let mut model = Model { witnesses: Vec::new(), ..self.0.clone() };
        model.claims.retain(|claim| names.contains(&claim.entry.name));
        model
    }
}
