//! Who carries what is sent again: the worker's producer, or the careful one.

use std::time::Duration;

use crate::{
    endpoint::{Report, Sink as _},
    kafka::Producer,
    pipeline::worker::Line,
};

impl Line {
    /// The producer that has what is on its way.
    pub(in crate::pipeline) fn carrier(&mut self) -> &mut Producer {
        match &mut self.again.careful {
            Some(careful) if self.again.by_careful => careful,
            _ => &mut self.producer,
        }
    }

    /// Hands the reports that are there to `reports`; waits up to `wait` for the first.
    pub(in crate::pipeline) fn serve_again(&mut self, wait: Duration, reports: &mut Vec<Report>) {
        self.carrier().serve(wait, |report| reports.push(report));
        // The other one carries nothing, but what it says of itself would pile up in its queue.
        self.producer.serve(Duration::ZERO, |report| reports.push(report));
        if let Some(careful) = &mut self.again.careful {
            careful.serve(Duration::ZERO, |report| reports.push(report));
        }
    }

    /// All is sent and reported.
    pub(super) fn end_again(&mut self) {
        (self.again.active, self.again.stepped) = (false, false);
        // Nobody would serve it until it is needed again, which may be never.
        if let Some(careful) = self.again.careful.take() {
            careful.discard();
        }
    }
}
