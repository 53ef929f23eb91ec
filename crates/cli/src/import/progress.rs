//! The bar on the terminal: what was read, how fast, how long still.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use urbis_ingest::{Advance, Progress};

/// Length of a bar that only knows which part is done.
const PARTS: u64 = 10_000;

/// A bar on standard error; it draws nothing where that is no terminal.
#[derive(Debug, Clone)]
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar that does not know its length yet.
    pub fn new(title: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_style(style("{msg} {spinner} {human_pos} rows, {per_sec}"));
        bar.set_message(title.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, Advance { seen, total, fraction }: Advance) {
        match (total, fraction) {
            (Some(total), _) => {
                self.grow(total, "{msg} [{bar:30}] {human_pos}/{human_len}, {per_sec}, {eta} left");
                self.bar.set_position(seen);
            }
            (None, Some(fraction)) => {
                self.grow(PARTS, "{msg} [{bar:30}] {percent} %, {eta} left");
                self.bar.set_position((fraction.clamp(0.0, 1.0) * PARTS as f64) as u64);
            }
            (None, None) => self.bar.set_position(seen),
        }
    }
}

impl Bar {
    /// Gives the bar its length, the first time that it is known.
    fn grow(&self, length: u64, template: &str) {
        if self.bar.length() != Some(length) {
            self.bar.set_length(length);
            self.bar.set_style(style(template));
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates above are valid")
}
