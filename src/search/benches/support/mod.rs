//! What both benchmarks need: runs in processes of their own, and what such a process has used.

use std::process::Command;

pub(crate) type Error = Box<dyn std::error::Error>;

/// Processor time of this process so far, in steps of 10 ms; 0 where `/proc` does not tell.
pub(crate) fn cpu_seconds() -> Result<f64, Error> {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may contain anything; user and system time are 12th and 13th after it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Result<Vec<f64>, _> = fields.skip(11).take(2).map(str::parse).collect();
    Ok(ticks?.iter().sum::<f64>() / 100.0)
}

/// The greatest resident memory of this process so far; 0 where `/proc` does not tell.
pub(crate) fn resident_bytes() -> Result<u64, Error> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB")).map_or(Ok(0), |number| number.trim().parse());
    Ok(1024 * kibibytes?)
}

/// Runs this program once more with these arguments, and gives the numbers that it prints.
pub(crate) fn child<const N: usize>(arguments: &[&str]) -> Result<[f64; N], Error> {
    let output = Command::new(std::env::current_exe()?).args(arguments).output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    numbers
        .try_into()
        .map_err(|_| format!("{} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into())
}

/// The middle one of some values.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
