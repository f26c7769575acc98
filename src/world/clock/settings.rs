//! What a clock is told before a search: lengths of spans, their declared order, and what to leave out.

use dhcpfo_engine::time::Span;
use std::fmt;

/// Number of spans there are.
pub(super) const SPANS: usize = Span::ALL.len();

/// The spans of which a model says nothing but that they pass some time. Deadlines of theirs are
/// [`Time::SOMETIME`](dhcpfo_engine::time::Time::SOMETIME) until an action ends them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FreeSpans(u8);

impl FreeSpans {
    /// No span at all.
    pub const NONE: FreeSpans = FreeSpans(0);

    /// The set of the spans listed; refuses one whose deadlines are compared with anything but now. All free deadlines
    /// are one value, so that such a comparison would have an answer, and it would say nothing.
    pub fn new(spans: &[Span]) -> Result<FreeSpans, SettingError> {
        match spans.iter().find_map(|&span| Some(SettingError::Compared(span, span.compared()?))) {
            Some(error) => Err(error),
            None => Ok(FreeSpans(spans.iter().fold(0, |set, &span| set | bit(span)))),
        }
    }

    /// Is `span` in the set?
    pub const fn has(self, span: Span) -> bool {
        self.0 & bit(span) != 0
    }
}

const fn bit(span: Span) -> u8 {
    1 << span as u8
}

/// Why a setting was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingError {
    /// The declared inequalities make this span shorter than itself.
    Cycle(Span),
    /// Spans must be longer than nothing (clocks.md section 7.9): rule 1 says that `b + K` is after `b`.
    Zero(Span),
    /// The span is too long to be added to an instant without overflow.
    TooLong(Span),
    /// Deadlines of this span are compared, with what is said: it cannot be left free.
    Compared(Span, &'static str),
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingError::Cycle(span) => write!(f, "{} would have to be shorter than itself", span.name()),
            SettingError::Zero(span) => write!(f, "{} must be longer than 0", span.name()),
            SettingError::Compared(span, how) => write!(f, "deadlines of {} are compared: {how}", span.name()),
            SettingError::TooLong(span) => write!(f, "{} is longer than {} units", span.name(), Values::LONGEST),
        }
    }
}

impl std::error::Error for SettingError {}

/// Phi, the strict inequalities that are declared between spans (formal.md section 5.4), transitively closed.
///
/// The empty relation is allowed: a verdict then holds for all lengths whatever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phi {
    longer: [u8; SPANS],
}

impl Phi {
    /// The closure of the pairs (shorter, longer); refuses a cycle.
    pub fn new(pairs: &[(Span, Span)]) -> Result<Phi, SettingError> {
        let mut phi = Phi::default();
        for &(shorter, longer) in pairs {
            phi.longer[shorter as usize] |= bit(longer);
        }
        for middle in Span::ALL {
            for shorter in 0..SPANS {
                if phi.longer[shorter] & bit(middle) != 0 {
                    phi.longer[shorter] |= phi.longer[middle as usize];
                }
            }
        }
        match Span::ALL.into_iter().find(|&span| phi.less(span as u8, span as u8)) {
            Some(span) => Err(SettingError::Cycle(span)),
            None => Ok(phi),
        }
    }

    /// Is the first span declared shorter than the second?
    pub const fn is_shorter(&self, shorter: Span, longer: Span) -> bool {
        self.less(shorter as u8, longer as u8)
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
        Span::ALL.iter().all(|&shorter| {
            Span::ALL.iter().filter(|&&longer| self.less(shorter as u8, longer as u8)).all(|&longer| {
                let (a, b) = (values.0[shorter as usize], values.0[longer as usize]);
                a == 0 || b == 0 || a < b
            })
        })
    }
}

/// A length for each span that a model uses, in units of the model's own (seconds, ticks).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Values([u32; SPANS]);

impl Values {
    /// Longest span that is accepted, in units: some sums must still fit, after scaling, into 32 bits.
    pub const LONGEST: u32 = 1 << 26;

    /// The lengths listed; refuses 0. Spans that are not listed have no length and may not be used.
    pub fn new(lengths: &[(Span, u32)]) -> Result<Values, SettingError> {
        let mut values = Values::default();
        for &(span, length) in lengths {
            match length {
                0 => return Err(SettingError::Zero(span)),
                1..=Values::LONGEST => values.0[span as usize] = length,
                _ => return Err(SettingError::TooLong(span)),
            }
        }
        Ok(values)
    }

    /// Length of `span` in units. Panics if the model gave none: it then uses a span that it did not declare.
    pub fn get(&self, span: Span) -> u32 {
        let length = self.0[span as usize];
        assert!(length != 0, "the model uses the span {} but gives it no length", span.name());
        length
    }

    /// The longest length given, 0 if none is.
    pub(super) fn longest(&self) -> u32 {
        self.0.into_iter().max().unwrap_or(0)
    }
}

/// Parts of the method that experiments leave out, to show what each is for (clocks.md sections 2 and 4).
///
/// The default has everything on, and is the only setting under which a verdict of [`super::Order`] is tight.
/// All settings are sound: what is left out only adds orders that no real time allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Facts of a class that goes are moved to its neighbours. Off: refutes a correct protocol in 10 steps.
    pub project: bool,
    /// Rules 2 to 4 of formal.md section 5.4. Off: any place after the base will do; refuted in 5 steps.
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

    #[test]
    fn inequalities_are_closed_and_cycles_refused() {
        let chain = Phi::new(&[(Span::Mclt, Span::DesiredLease), (Span::DesiredLease, Span::PotentialLead)]).unwrap();
        assert!(chain.less(Span::Mclt as u8, Span::PotentialLead as u8));
        assert!(!chain.less(Span::PotentialLead as u8, Span::Mclt as u8));
        let lengths =
            |m, d, h| Values::new(&[(Span::Mclt, m), (Span::DesiredLease, d), (Span::PotentialLead, h)]).unwrap();
        assert!(chain.admits(&lengths(1, 3, 4)));
        assert!(!chain.admits(&lengths(3, 3, 4)));
        let cycle = Phi::new(&[(Span::Mclt, Span::Startup), (Span::Startup, Span::Mclt)]);
        assert_eq!(cycle, Err(SettingError::Cycle(Span::Mclt)));
    }

    #[test]
    fn only_what_is_compared_with_nothing_may_be_free() {
        let free = FreeSpans::new(&[Span::Startup, Span::SafePeriod]).unwrap();
        assert_eq!(Span::ALL.map(|span| free.has(span)).iter().filter(|has| **has).count(), 2);
        for span in Span::ALL.into_iter().filter(|span| !free.has(*span)) {
            let refused = FreeSpans::new(&[Span::Startup, span]).unwrap_err();
            assert!(matches!(refused, SettingError::Compared(named, _) if named == span), "{refused}");
        }
    }

    #[test]
    fn lengths_are_positive_and_bounded() {
        assert_eq!(Values::new(&[(Span::Mclt, 0)]), Err(SettingError::Zero(Span::Mclt)));
        assert_eq!(Values::new(&[(Span::Mclt, u32::MAX)]), Err(SettingError::TooLong(Span::Mclt)));
        assert_eq!(Values::new(&[(Span::Mclt, 7)]).unwrap().get(Span::Mclt), 7);
    }
}
