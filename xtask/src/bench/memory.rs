//! How much memory another program has used at most.

use crate::proc::{self, About, Fail, Outcome};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a program did until its end.
pub(crate) struct Watched {
    pub(crate) output: String,
    pub(crate) elapsed: Duration,
    pub(crate) peak_mb: f64,
}

impl Watched {
    /// Runs `command`; the peak is the kernel's own high-water mark, read until the end.
    pub(crate) fn run(command: &mut Command) -> Outcome<Self> {
        let started = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().about(proc::shown(command))?;
        let pipe = child.stdout.take();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            pipe.map(|mut pipe| pipe.read_to_string(&mut text)).transpose().map(|_| text)
        });
        let mut peak: f64 = 0.0;
        let status = proc::wait(child, |id| {
            if let Some(now) = peak_mb(id) {
                peak = peak.max(now);
            }
        })?;
        let elapsed = started.elapsed();
        let output = reader.join().map_err(|_| Fail::new("reading the output failed"))?;
        let output = output.about(proc::shown(command))?;
        if !status.success() {
            return Err(Fail::new(format!("{} ended with {status}", proc::shown(command))));
        }
        Ok(Self { output, elapsed, peak_mb: peak })
    }
}

/// Peak resident memory of a running program in MB (1,000,000 bytes); nothing once it has ended.
pub(crate) fn peak_mb(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_time_and_peak_are_taken() {
        let mut command = Command::new("sh");
        let watched = Watched::run(command.args(["-c", "sleep 0.1; echo done"])).expect("run");
        assert_eq!(watched.output, "done\n");
        assert!(watched.elapsed >= Duration::from_millis(100));
        assert!(watched.peak_mb > 0.1, "{}", watched.peak_mb);
        assert!(Watched::run(&mut Command::new("false")).is_err());
    }
}
