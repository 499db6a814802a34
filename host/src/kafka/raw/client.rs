//! A producer's client: what any thread may do with it.

use std::{ffi::CStr, sync::Arc, time::Duration};

use rdkafka::{bindings as sys, client::Client, types::RDKafkaErrorCode};

use super::{super::log::Logs, bootstrap::begin_anew, wait::whole_ms};

/// A handle of a producer's client, which it keeps alive.
#[derive(Clone)]
pub(in super::super) struct ProducerClient(Arc<Client<Logs>>);

impl ProducerClient {
    pub(super) fn new(client: Client<Logs>) -> Self {
        Self(Arc::new(client))
    }

    pub(super) fn native(&self) -> *mut sys::rd_kafka_t {
        self.0.native_ptr()
    }

    /// How many handles of the client there are.
    pub(super) fn handles(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// Asks the configured brokers again, where the client knows none.
    pub(in super::super) fn begin_anew(&self) {
        begin_anew(&self.0);
    }

    /// Why it can send no more, where that is so: librdkafka's code and words.
    pub(in super::super) fn fatal(&self) -> Option<(RDKafkaErrorCode, String)> {
        let mut words = [0; 512];
        // SAFETY: a live client and room of the size that is told; librdkafka ends the text with a NUL.
        let code = unsafe { sys::rd_kafka_fatal_error(self.native(), words.as_mut_ptr(), words.len()) };
        if code == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        // SAFETY: as above.
        let words = unsafe { CStr::from_ptr(words.as_ptr()) };
        Some((code.into(), words.to_string_lossy().trim().to_owned()))
    }

    /// Lets the client send nothing more, as if it had broken down with [`RDKafkaErrorCode::PurgeQueue`]: what is queued stays,
    /// and what a broker's answer puts back. Without effect where it has broken down already.
    pub(in super::super) fn end_sending(&self, reason: &CStr) {
        let code = sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__PURGE_QUEUE;
        // SAFETY: a live client, and words that end with a NUL, which are copied.
        unsafe { sys::rd_kafka_test_fatal_error(self.native(), code, reason.as_ptr()) };
    }

    /// Sends what is queued now, however long it might linger; waits for that up to `limit`.
    pub(in super::super) fn push(&self, limit: Duration) {
        let limit = whole_ms(limit);
        // SAFETY: a live client. Its only error is that the time was too short, which the reports tell better.
        unsafe { sys::rd_kafka_flush(self.native(), limit) };
    }

    /// Gives up what waits to be sent, and with `all` what brokers have yet to answer, too; each message gets its report.
    pub(in super::super) fn purge(&self, all: bool) {
        let in_flight = if all { sys::RD_KAFKA_PURGE_F_INFLIGHT } else { 0 };
        let flags = sys::RD_KAFKA_PURGE_F_QUEUE | in_flight | sys::RD_KAFKA_PURGE_F_NON_BLOCKING;
        // SAFETY: a live client. Its only error is flags that it does not know.
        unsafe { sys::rd_kafka_purge(self.native(), flags) };
    }

    /// Messages and requests that librdkafka still holds, reports not yet served included.
    pub(in super::super) fn held(&self) -> usize {
        // SAFETY: a live client.
        usize::try_from(unsafe { sys::rd_kafka_outq_len(self.native()) }).unwrap_or(0)
    }
}
