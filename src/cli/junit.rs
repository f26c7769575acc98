//! `dhcpfo check --junit`: a test suite with one test case for each model.
//!
//! What is not as expected is a failure, what was cut off without a verdict an error; the message says why.

use crate::args::CheckArgs;
use crate::checked::Checked;
use crate::exit::Error;
use crate::verdict::{Verdict, without_occasion};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report as XML.
pub(crate) fn report(checked: &[Checked<'_>], args: &CheckArgs) -> Result<String, Error> {
    let mut suite = TestSuite::new("models");
    for one in checked {
        let mut case = TestCase::new(one.subject.head.path.as_str(), status(one));
        case.set_classname(format!("dhcpfo.{}", one.subject.head.class.word()));
        case.add_property(("verdict", one.judged.verdict.word()));
        case.add_property(("unique-states", one.answer.unique.to_string().as_str()));
        let vacuous: Vec<&str> =
            without_occasion(&one.answer).iter().map(|claim| one.subject.head.claims[*claim].name).collect();
        if !vacuous.is_empty() {
            case.add_property(("claims-without-occasion", vacuous.join(" ").as_str()));
        }
        case.add_property(("depth", one.answer.depth.to_string().as_str()));
        if !args.no_times {
            case.set_time(one.answer.elapsed);
        }
        suite.add_test_case(case);
    }
    let mut report = Report::new("dhcpfo check");
    report.add_test_suite(suite);
    report.to_string().map_err(|error| Error::words(format!("the JUnit report cannot be written: {error}")))
}

fn status(one: &Checked<'_>) -> TestCaseStatus {
    if one.is_expected() {
        return TestCaseStatus::success();
    }
    let cut_off = matches!(one.judged.verdict, Verdict::CutOff(_));
    let kind = if cut_off { NonSuccessKind::Error } else { NonSuccessKind::Failure };
    let mut status = TestCaseStatus::non_success(kind);
    let found = match one.judged.verdict {
        Verdict::CutOff(why) => format!("cut-off {}", why.in_words()),
        verdict => verdict.word().to_owned(),
    };
    status.set_type(one.judged.verdict.word());
    status.set_message(format!("{found}; {}", one.judged.unexpected.join("; ")));
    status
}
