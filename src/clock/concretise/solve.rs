//! Difference constraints: the earliest schedule, or a cycle of constraints that contradict each other.

use super::trace::{Name, Row, Trace};
use super::{Instant, Run, Step};
use std::fmt;

/// Parts of a unit that are tried first, because people can read them.
const READABLE: [u32; 6] = [1, 2, 4, 10, 20, 60];

/// Constraints that contradict each other, each in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict(pub Vec<String>);

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// An instant for each variable, in parts of a unit after the start.
pub(super) struct Schedule {
    instants: Vec<i64>,
    parts: u32,
}

/// The earliest schedule in whole units, else in the coarsest parts of one that do.
pub(super) fn solve(trace: &Trace) -> Result<Schedule, Conflict> {
    // With more parts to a unit than there are variables, a strict bound may cost one part: no cycle has
    // more strict rows than that, so a schedule in real numbers is never missed.
    let fine = trace.names.len() as u32 + 1;
    let coarse = READABLE.into_iter().filter(|&parts| parts < fine);
    let found = coarse.map(|parts| (parts, earliest(trace, parts))).find(|(_, result)| result.is_ok());
    let (parts, result) = found.unwrap_or_else(|| (fine, earliest(trace, fine)));
    let instants = result.map_err(|cycle| conflict(trace, &cycle))?;
    Ok(Schedule { instants, parts })
}

/// Longest paths from the start (Bellman and Ford); or the rows of a cycle that has no end.
fn earliest(trace: &Trace, parts: u32) -> Result<Vec<i64>, Vec<Row>> {
    let mut instants: Vec<Option<i64>> = vec![None; trace.names.len()];
    let mut causes: Vec<Option<Row>> = vec![None; trace.names.len()];
    instants[0] = Some(0);
    let mut raised = None;
    for _ in 0..=trace.names.len() {
        raised = None;
        for row in &trace.rows {
            let Some(left) = instants[row.left] else { continue };
            let least = left - (row.units * i64::from(parts) - i64::from(row.strict));
            if instants[row.right].is_none_or(|right| right < least) {
                instants[row.right] = Some(least);
                causes[row.right] = Some(*row);
                raised = Some(row.right);
            }
        }
        if raised.is_none() {
            break;
        }
    }
    match raised {
        Some(variable) => Err(cycle(&causes, variable)),
        // Every instant comes after the start, and every time after the instant it was made from.
        None => Ok(instants.into_iter().map(|instant| instant.expect("nothing bounds it")).collect()),
    }
}

/// The rows around the cycle that `variable` was raised by.
fn cycle(causes: &[Option<Row>], mut variable: usize) -> Vec<Row> {
    let cause = |variable: usize| causes[variable].expect("a raised variable has a cause");
    for _ in causes {
        variable = cause(variable).left;
    }
    let first = variable;
    let mut rows = Vec::new();
    loop {
        let row = cause(variable);
        rows.push(row);
        variable = row.left;
        if variable == first {
            rows.reverse();
            return rows;
        }
    }
}

fn conflict(trace: &Trace, rows: &[Row]) -> Conflict {
    let name = |variable: usize| match trace.names[variable] {
        Name::Start => "the start".to_string(),
        Name::Step(step) => format!("step {}", step + 1),
        Name::Made(step, span) => format!("span {} of step {}", span.0, step + 1),
    };
    let text = |row: &Row| {
        let (left, right) = (name(row.left), name(row.right));
        match (row.strict, row.units) {
            (true, _) => format!("{left} is before {right}"),
            (false, 0) => format!("{left} is not after {right}"),
            (false, units @ 1..) => format!("{left} is at most {units} after {right}"),
            (false, units) => format!("{right} is at least {} after {left}", -units),
        }
    };
    Conflict(rows.iter().map(text).collect())
}

impl Schedule {
    /// The actions of `path` with their instants.
    pub(super) fn run<A: Copy>(&self, path: &[Step<A>], trace: &Trace, guided: bool) -> Run<A> {
        let instant = |variable: usize| {
            let parts = u32::try_from(self.instants[variable]).expect("a run of more than 2^32 parts of a unit");
            Instant { parts, per_unit: self.parts }
        };
        let steps = path.iter().zip(&trace.steps);
        let actions = steps.filter_map(|(step, &variable)| Some((step.action()?, instant(variable)))).collect();
        Run { actions, end: instant(trace.steps.last().copied().unwrap_or(0)), guided }
    }
}
