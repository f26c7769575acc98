//! The rules behind a step, for people: what decided it, and what other readings would have made of it.

use dhcpfo_engine::rules::{Question, Reading};
use dhcpfo_world::action::Action;
use dhcpfo_world::decided::Decided;
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Scale, Wall};
use serde_json::{Value, json};

/// What decided a step that was taken under the order of deadlines, where spans have no numbers: the model's small ones, in units
/// that are longer than all that is told apart in a state.
pub fn decided(
    model: &Model,
    before: &play::Moment,
    action: Action,
    asked: impl Fn(&Question, &Reading) -> bool,
) -> Vec<Decided> {
    const UNIT: Scale = Scale { per_second: 1 << 23 };
    let mut clock = Wall::new(model.lengths.small, model.lengths.free, UNIT);
    clock.set(before.now);
    model.decided(&before.system, action, &clock, asked)
}

/// The same for a page.
pub fn document(decided: &Decided) -> Value {
    let reading = |reading: &&Reading| json!({ "word": reading.word, "says": reading.says() });
    json!({
        "who": decided.role.name(),
        "key": decided.question.key,
        "about": decided.question.about(),
        "section": decided.question.section,
        "questions": decided.question.numbers,
        "reading": reading(&decided.reading),
        "otherwise": decided.otherwise.iter().map(reading).collect::<Vec<_>>(),
    })
}

/// A question, with all its readings.
pub fn question(question: &Question) -> Value {
    let reading = |reading: &Reading| json!({ "word": reading.word, "says": reading.says() });
    json!({
        "key": question.key,
        "about": question.about(),
        "section": question.section,
        "questions": question.numbers,
        "readings": question.readings.iter().map(reading).collect::<Vec<_>>(),
    })
}
