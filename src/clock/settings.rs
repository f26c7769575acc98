//! What a clock is told before a search: lengths of spans, their declared order, and what to leave out.

use dhcpfo_time::{Span, SpanWords};

/// All numbers of spans.
fn numbers() -> std::ops::Range<u8> {
    0..Span::MOST as u8
}

/// The spans of which a model says nothing but that they pass some time. Deadlines of theirs are
/// [`Time::SOMETIME`](dhcpfo_time::Time::SOMETIME) until an action ends them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FreeSpans(u8);

impl FreeSpans {
    /// No span at all.
    pub const NONE: FreeSpans = FreeSpans(0);

    /// The set of the spans listed; refuses one whose deadlines are compared with anything but now. All free deadlines
    /// are one value, so that such a comparison would have an answer, and it would say nothing.
    pub fn new(spans: &[Span], words: &[SpanWords]) -> Result<FreeSpans, SettingError> {
        match spans.iter().find(|span| words[span.0 as usize].compared.is_some()) {
            Some(&span) => Err(SettingError::Compared(span)),
            None => Ok(FreeSpans(spans.iter().fold(0, |set, &span| set | bit(span)))),
        }
    }

    /// Is `span` in the set?
    pub const fn has(self, span: Span) -> bool {
        self.0 & bit(span) != 0
    }
}

const fn bit(span: Span) -> u8 {
    1 << span.0
}

/// Why a setting was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingError {
    /// The declared inequalities make this span shorter than itself.
    Cycle(Span),
    /// Spans must be longer than nothing (THEORY.md section 2): rule 1 says that `b + K` is after `b`.
    Zero(Span),
    /// The span is too long to be added to an instant without overflow.
    TooLong(Span),
    /// Deadlines of this span are compared: it cannot be left free.
    Compared(Span),
}

impl SettingError {
    /// In the words of the protocol.
    pub fn text(self, words: &[SpanWords]) -> String {
        let of = |span: Span| words[span.0 as usize];
        match self {
            SettingError::Cycle(span) => format!("{} would have to be shorter than itself", of(span).name),
            SettingError::Zero(span) => format!("{} must be longer than 0", of(span).name),
            SettingError::Compared(span) => {
                format!("deadlines of {} are compared: {}", of(span).name, of(span).compared.unwrap_or_default())
            }
            SettingError::TooLong(span) => format!("{} is longer than {} units", of(span).name, Values::LONGEST),
        }
    }
}

/// Phi, the strict inequalities that are declared between spans (THEORY.md section 2), transitively closed.
///
/// The empty relation is allowed: a verdict then holds for all lengths whatever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phi {
    longer: [u8; Span::MOST],
}

impl Phi {
    /// The closure of the pairs (shorter, longer); refuses a cycle.
    pub fn new(pairs: &[(Span, Span)]) -> Result<Phi, SettingError> {
        let mut phi = Phi::default();
        for &(shorter, longer) in pairs {
            phi.longer[shorter.0 as usize] |= bit(longer);
        }
        for middle in numbers() {
            for shorter in 0..Span::MOST {
                if phi.longer[shorter] & bit(Span(middle)) != 0 {
                    phi.longer[shorter] |= phi.longer[middle as usize];
                }
            }
        }
        match numbers().find(|&span| phi.less(span, span)) {
            Some(span) => Err(SettingError::Cycle(Span(span))),
            None => Ok(phi),
        }
    }

    /// The declared inequalities of which none follows from the others: each as (shorter, longer).
    pub fn pairs(&self) -> Vec<(Span, Span)> {
        let all = numbers().flat_map(|shorter| numbers().map(move |longer| (shorter, longer)));
        let follows = |a, b| numbers().any(|between| self.less(a, between) && self.less(between, b));
        all.filter(|&(a, b)| self.less(a, b) && !follows(a, b)).map(|(a, b)| (Span(a), Span(b))).collect()
    }

    /// The same without one of [`Phi::pairs`]; what follows from it and others stays.
    #[must_use]
    pub fn without(mut self, (shorter, longer): (Span, Span)) -> Phi {
        self.longer[shorter.0 as usize] &= !bit(longer);
        self
    }

    /// Is the first span declared shorter than the second?
    pub const fn is_shorter(&self, shorter: Span, longer: Span) -> bool {
        self.less(shorter.0, longer.0)
    }

    /// Is the first span declared shorter than the second (both by number)?
    pub(super) const fn less(&self, shorter: u8, longer: u8) -> bool {
        self.longer[shorter as usize] >> longer & 1 != 0
    }

    /// [`Phi::less`] or the same span.
    pub(super) const fn at_most(&self, shorter: u8, longer: u8) -> bool {
        shorter == longer || self.less(shorter, longer)
    }

    /// Do these lengths satisfy every declared inequality? (Spans without a value are not looked at.)
    pub fn admits(&self, values: &Values) -> bool {
        numbers().all(|shorter| {
            numbers().filter(|&longer| self.less(shorter, longer)).all(|longer| {
                let (a, b) = (values.0[shorter as usize], values.0[longer as usize]);
                a == 0 || b == 0 || a < b
            })
        })
    }
}

/// A length for each span that a model uses, in units of the model's own (seconds, ticks).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Values([u32; Span::MOST]);

impl Values {
    /// Longest span that is accepted, in units: some sums must still fit, after scaling, into 32 bits.
    pub const LONGEST: u32 = 1 << 26;

    /// The lengths listed; refuses 0. Spans that are not listed have no length and may not be used.
    pub fn new(lengths: &[(Span, u32)]) -> Result<Values, SettingError> {
        let mut values = Values::default();
        for &(span, length) in lengths {
            match length {
                0 => return Err(SettingError::Zero(span)),
                1..=Values::LONGEST => values.0[span.0 as usize] = length,
                _ => return Err(SettingError::TooLong(span)),
            }
        }
        Ok(values)
    }

    /// Length of `span` in units. Panics if the model gave none: it then uses a span that it did not declare.
    pub fn get(&self, span: Span) -> u32 {
        let length = self.0[span.0 as usize];
        assert!(length != 0, "the model uses {span:?} but gives it no length");
        length
    }

    /// The spans that have a length.
    pub fn given(&self) -> impl Iterator<Item = Span> {
        numbers().map(Span).filter(|span| self.0[span.0 as usize] != 0)
    }

    /// The same with another length for one span; refuses 0.
    ///
    /// # Errors
    /// The length is 0 or too long.
    pub fn with(mut self, span: Span, length: u32) -> Result<Values, SettingError> {
        let one = Values::new(&[(span, length)])?;
        self.0[span.0 as usize] = one.0[span.0 as usize];
        Ok(self)
    }

    /// The longest length given, 0 if none is.
    pub(super) fn longest(&self) -> u32 {
        self.0.into_iter().max().unwrap_or(0)
    }
}

/// Parts of the method that experiments leave out, to show what each is for (THEORY.md sections 5 and 7).
///
/// The default has everything on, and is the only setting under which a verdict of [`super::Order`] is tight.
/// All settings are sound: what is left out only adds orders that no real time allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Facts of a class that goes are moved to its neighbours. Off: refutes a correct protocol in 10 steps.
    pub project: bool,
    /// Rules 2 to 4 of THEORY.md section 3. Off: any place after the base will do; refuted in 5 steps.
    pub rules: bool,
    /// Facts that others imply are dropped. Off: the same verdicts with 1.3 to 8 times the states.
    pub dominance: bool,
    /// [`super::Timed::settle`] is called. Off: a check of the declarations in it, at 3 times the states.
    pub settle: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { project: true, rules: true, dominance: true, settle: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MCLT: Span = Span(0);
    const STARTUP: Span = Span(1);
    const DESIRED_LEASE: Span = Span(2);
    const POTENTIAL_LEAD: Span = Span(3);
    const WORDS: [SpanWords; 2] =
        [SpanWords { name: "mclt", compared: Some("with each other") }, SpanWords { name: "startup", compared: None }];

    #[test]
    fn inequalities_are_closed_and_cycles_refused() {
        let chain = Phi::new(&[(MCLT, DESIRED_LEASE), (DESIRED_LEASE, POTENTIAL_LEAD)]).unwrap();
        assert!(chain.less(MCLT.0, POTENTIAL_LEAD.0));
        assert!(!chain.less(POTENTIAL_LEAD.0, MCLT.0));
        let lengths = |m, d, h| Values::new(&[(MCLT, m), (DESIRED_LEASE, d), (POTENTIAL_LEAD, h)]).unwrap();
        assert!(chain.admits(&lengths(1, 3, 4)));
        assert!(!chain.admits(&lengths(3, 3, 4)));
        let cycle = Phi::new(&[(MCLT, STARTUP), (STARTUP, MCLT)]);
        assert_eq!(cycle, Err(SettingError::Cycle(MCLT)));
    }

    #[test]
    fn only_what_is_compared_with_nothing_may_be_free() {
        let free = FreeSpans::new(&[STARTUP], &WORDS).unwrap();
        assert!(free.has(STARTUP) && !free.has(MCLT));
        let refused = FreeSpans::new(&[STARTUP, MCLT], &WORDS).unwrap_err();
        assert_eq!(refused, SettingError::Compared(MCLT));
        assert_eq!(refused.text(&WORDS), "deadlines of mclt are compared: with each other");
    }

    #[test]
    fn lengths_are_positive_and_bounded() {
        assert_eq!(Values::new(&[(MCLT, 0)]), Err(SettingError::Zero(MCLT)));
        assert_eq!(Values::new(&[(MCLT, u32::MAX)]), Err(SettingError::TooLong(MCLT)));
        assert_eq!(Values::new(&[(MCLT, 7)]).unwrap().get(MCLT), 7);
    }
}
