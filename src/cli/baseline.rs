//! `dhcpfo check --baseline`: what is not as it was; and annotations of pull requests.

use crate::args::CheckArgs;
use crate::checked::Checked;
use crate::exit::Error;
use crate::output::line;
use dhcpfo_documents::verdicts::{Difference, Verdicts};
use dhcpfo_report::baseline;
use std::path::Path;

/// Reads what was said before.
pub(crate) fn read(path: &Path) -> Result<Verdicts, Error> {
    let told = |problem: String| Error::Told(format!("{}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
    baseline::read(&text).map_err(told)
}

/// What is not as it was. Models that are missing now are told of if all were asked for.
pub(crate) fn differences(now: &Verdicts, before: &Verdicts, args: &CheckArgs) -> Vec<Difference> {
    baseline::differences(now, before, args.models.is_empty() && args.class.is_empty())
}

/// Prints the differences, if a baseline was asked for, and annotations, if they were.
pub(crate) fn report(args: &CheckArgs, checked: &[Checked<'_>], differences: Option<&[Difference]>) {
    if let (Some(path), Some(differences)) = (&args.baseline, differences) {
        let mut last = "";
        for difference in differences {
            if difference.path != last {
                line(&difference.path);
            }
            line(&format!("  {difference}"));
            last = &difference.path;
        }
        let mut models: Vec<&str> = differences.iter().map(|difference| difference.path.as_str()).collect();
        models.dedup();
        if !models.is_empty() || !args.quiet {
            line(&format!("{} of {} models are not as in {}", models.len(), checked.len(), path.display()));
        }
    }
    if args.github {
        for one in checked {
            one.judged.unexpected.iter().for_each(|text| annotate(&one.subject.head.path, "not as expected", text));
        }
        for difference in differences.unwrap_or_default() {
            annotate(&difference.path, "not as in the baseline", &difference.to_string());
        }
    }
}

/// An error at a file, as GitHub's runners read it.
pub(crate) fn annotate(file: &str, title: &str, text: &str) {
    let value = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| value(text).replace(':', "%3A").replace(',', "%2C");
    line(&format!("::error file={},title={}::{}", property(file), property(title), value(text)));
}
