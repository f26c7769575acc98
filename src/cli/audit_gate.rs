//! `dhcpfo audit --junit --github --baseline`: a gate for continuous integration.

use crate::baseline::annotate;
use crate::exit::{Error, Exit};
use crate::output::line;
use crate::served::Verdict as Served;
use dhcpfo_audit::{Baseline, Claim, Difference, Finding, Report, Verdict};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::path::Path;

/// What the gate compares with, and what came of that.
pub(crate) struct Gate {
    baseline: Option<Baseline>,
}

impl Gate {
    /// Reads the baseline, if there is one.
    pub(crate) fn open(path: Option<&Path>) -> Result<Gate, Error> {
        let read = |path: &Path| {
            let told = |problem: String| Error::Told(format!("{}: {problem}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
            Baseline::read(&text).map_err(told)
        };
        Ok(Gate { baseline: path.map(read).transpose()? })
    }

    /// What is not as in the baseline; None: there is none.
    pub(crate) fn differences(&self, report: &Report) -> Option<Vec<Difference>> {
        self.baseline.as_ref().map(|baseline| baseline.differences(report))
    }

    /// How the captures come out: with a baseline what it knows is no violation.
    pub(crate) fn exit(report: &Report, differences: Option<&[Difference]>) -> Exit {
        match (report.exit_code(), differences) {
            (3, _) => Exit::CutOff,
            (_, Some(found)) if found.iter().any(|difference| difference.is_worse) => Exit::Unexpected,
            (1, None) => Exit::Unexpected,
            // What traces say was refuted is in no baseline.
            (1, Some(_)) if !report.traced.is_empty() => Exit::Unexpected,
            _ => Exit::Expected,
        }
    }

    fn is_known(&self, finding: &Finding) -> bool {
        self.baseline.as_ref().is_some_and(|baseline| baseline.knows(finding.claim, &finding.text))
    }

    /// Prints what is not as in the baseline.
    pub(crate) fn compare(path: &Path, differences: &[Difference]) {
        for difference in differences {
            let word = if difference.is_worse { "worse" } else { "better" };
            line(&format!("{word}: {}: {}", difference.claim.name(), difference.text));
        }
        let worse = differences.iter().filter(|difference| difference.is_worse).count();
        line(&format!("{worse} worse, {} better than in {}", differences.len() - worse, path.display()));
    }

    /// Prints annotations for what makes the gate fail.
    pub(crate) fn annotate(&self, report: &Report, differences: Option<&[Difference]>) {
        for finding in report.findings().iter().filter(|finding| !self.is_known(finding)) {
            let place = finding.places.first();
            let file = place.and_then(|place| report.files.get(place.file)).map_or("", String::as_str);
            let packet = place.map(|place| format!(" (packet {})", place.packet)).unwrap_or_default();
            annotate(file, finding.claim.name(), &format!("{}{packet}", finding.text));
        }
        let lost = |difference: &&Difference| {
            difference.is_worse && report.ledger.row(difference.claim).verdict() == Verdict::NotJudged
        };
        for difference in differences.unwrap_or_default().iter().filter(lost) {
            let file = report.files.first().map_or("", String::as_str);
            annotate(file, difference.claim.name(), &difference.text);
        }
    }

    /// The JUnit report: a test case for each claim, and for each trace that was done again.
    pub(crate) fn junit(
        &self,
        report: Option<&Report>,
        served: &[Served],
        differences: Option<&[Difference]>,
    ) -> Result<String, Error> {
        let mut suite = TestSuite::new("audit");
        if let Some(report) = report {
            for claim in Claim::ALL {
                let worse: Vec<&str> = differences
                    .unwrap_or_default()
                    .iter()
                    .filter(|difference| difference.is_worse && difference.claim == *claim)
                    .map(|difference| difference.text.as_str())
                    .collect();
                suite.add_test_case(self.case(report, *claim, &worse));
            }
            if report.exit_code() == 3 {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(format!("nothing could be judged: {}", report.remarks.join("; ")));
                suite.add_test_case(case("anything-judged", status));
            }
            for traced in &report.traced {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(format!("{} s: {} by {}", traced.seconds, traced.claim, traced.action));
                suite.add_test_case(case(&format!("trace of {}", traced.claim), status));
            }
        }
        for trace in served {
            let mut status = TestCaseStatus::success();
            if !trace.is_good() {
                status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(trace.text());
            }
            suite.add_test_case(case(trace.name(), status));
        }
        let mut whole = quick_junit::Report::new("dhcpfo audit");
        whole.add_test_suite(suite);
        whole.to_string().map_err(|error| Error::words(format!("the JUnit report cannot be written: {error}")))
    }

    fn case(&self, report: &Report, claim: Claim, worse: &[&str]) -> TestCase {
        let row = report.ledger.row(claim);
        let fresh: Vec<&Finding> = row.findings.iter().filter(|finding| !self.is_known(finding)).collect();
        let status = match row.verdict() {
            Verdict::Violated if !fresh.is_empty() => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_type("violated");
                let texts: Vec<&str> = fresh.iter().map(|finding| finding.text.as_str()).collect();
                status.set_message(texts.first().copied().unwrap_or_default());
                status.set_description(texts.join("\n"));
                status
            }
            Verdict::NotJudged if !worse.is_empty() => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_type("not judged");
                status.set_message(worse.join("; "));
                status
            }
            Verdict::NotJudged => {
                let mut status = TestCaseStatus::skipped();
                let reasons: Vec<&str> = row.open.keys().map(String::as_str).collect();
                let why = if reasons.is_empty() { "no occasion in the capture".to_owned() } else { reasons.join("; ") };
                status.set_message(why);
                status
            }
            Verdict::Held | Verdict::Violated => TestCaseStatus::success(),
        };
        let mut case = case(claim.name(), status);
        case.add_property(("verdict", row.verdict().word()));
        case.add_property(("occasions", row.occasions.to_string().as_str()));
        case.add_property(("violations", row.violations.to_string().as_str()));
        case
    }
}

fn case(name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname("dhcpfo.audit");
    case
}
