//! A free deadline that is compared or counted from is noted by every clock, with no panic and no silent answer.

use dhcpfo_clock::{
    Detail, Domain, Exact, Expressions, FreeSpans, Lazy, Misuse, Misuses, Numbers, Options, Order, Phi, Room, Ticks,
    Timed, Values, expand, start,
};
use dhcpfo_time::{Clock, Kind, Span, SpanWords, Time, Times};

const MCLT: Span = Span(0);
const STARTUP: Span = Span(1);
const WORDS: [SpanWords; 2] =
    [SpanWords { name: "mclt", compared: Some("with itself") }, SpanWords { name: "startup", compared: None }];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    timer: Time,
    deadline: Time,
}

impl Times for State {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        visit(&mut self.timer, Kind::Timer);
        visit(&mut self.deadline, Kind::Deadline);
    }
}

#[derive(Clone, Copy, Debug)]
enum Action {
    /// The timer begins.
    Begin,
    /// MCLT is counted from the end of the timer.
    CountFrom,
    /// The end of the timer takes the place of a deadline where it is later.
    Compare,
}

struct Rules;

impl Timed for Rules {
    type State = State;
    type Action = Action;

    fn step(&self, _: &State, state: &mut State, action: Action, clock: &mut dyn Clock) -> bool {
        match action {
            Action::Begin => state.timer = clock.after(clock.now(), STARTUP),
            Action::CountFrom => state.deadline = clock.after(state.timer, MCLT),
            Action::Compare => state.deadline = clock.later(state.deadline, state.timer),
        }
        true
    }

    fn settle(&self, _: &mut State, _: &dyn Clock) {}
}

/// How many outcomes the action has once the timer runs, and what is noted.
fn after_begin<D: Domain>(mut domain: D, action: Action) -> (usize, Misuse) {
    let first = start(&Rules, &mut domain, State { timer: Time::LONG_AGO, deadline: Time::LONG_AGO });
    let mut running = first;
    expand(&Rules, &mut domain, &first, Action::Begin, &mut |next, _| running = *next);
    assert_eq!((running.state.timer, domain.misuse()), (Time::SOMETIME, Misuse::NONE));
    let mut outcomes = 0;
    expand(&Rules, &mut domain, &running, action, &mut |_, _| outcomes += 1);
    (outcomes, domain.misuse())
}

#[test]
fn misuse_is_noted_by_every_clock() {
    let values = Values::new(&[(MCLT, 1), (STARTUP, 2)]).unwrap();
    let free = FreeSpans::new(&[STARTUP], &WORDS).unwrap();
    let options = Options::default();
    for (action, outcomes, words) in [
        (Action::Begin, 1, None),
        (Action::CountFrom, 0, Some("a rule counts mclt from it")),
        (Action::Compare, 1, Some("it stands among deadlines that rules compare with each other")),
    ] {
        let found = [
            after_begin(Order::new(Phi::default(), free, options), action),
            after_begin(Exact::new(values, free, options), action),
            after_begin(Ticks::new(values, free, options), action),
            after_begin(Lazy::new(Numbers::new(values), Detail::Whole, free, options), action),
            after_begin(
                Lazy::new(Expressions::new(&Phi::default(), Room::ALL[0]), Detail::Whole, free, options),
                action,
            ),
        ];
        for (count, misuse) in found {
            assert_eq!(
                (count, misuse != Misuse::NONE),
                (outcomes, words.is_some()),
                "{action:?}: {}",
                misuse.text(&WORDS)
            );
            let said =
                format!("nothing is known of when a free deadline is (startup), but {}", words.unwrap_or_default());
            assert_eq!(misuse.text(&WORDS), said);
            let of_all = Misuses::default();
            of_all.note(Misuse::NONE);
            assert_eq!(of_all.text(&WORDS), None);
            of_all.note(misuse);
            of_all.note(Misuse::NONE);
            assert_eq!(of_all.text(&WORDS), words.map(|_| said), "what one thread noted is not forgotten");
        }
    }
}
