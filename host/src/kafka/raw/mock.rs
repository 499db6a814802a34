//! What rust-rdkafka's mock cluster has no safe call for.

use std::ffi::{CStr, CString};

use rdkafka::{
    bindings as sys,
    client::{Client, DefaultClientContext},
    config::ClientConfig,
    types::RDKafkaType,
};

use crate::endpoint::Error;

/// librdkafka's mock cluster of one broker, listening on a port of the loopback interface.
pub(in super::super) struct RawMock {
    cluster: *mut sys::rd_kafka_mock_cluster_t,
    client: Client<DefaultClientContext>,
}

// SAFETY: the mock cluster runs in its own thread and takes its calls as messages to that.
unsafe impl Send for RawMock {}
// SAFETY: as above.
unsafe impl Sync for RawMock {}

impl RawMock {
    pub(in super::super) fn start() -> Result<Self, Error> {
        let failed = |reason: rdkafka::error::KafkaError| Error::new("start the mock cluster", reason);
        let config = ClientConfig::new();
        let native = config.create_native_config().map_err(failed)?;
        let client =
            Client::new(&config, native, RDKafkaType::RD_KAFKA_PRODUCER, DefaultClientContext).map_err(failed)?;
        // SAFETY: a live client, which outlives the cluster.
        let cluster = unsafe { sys::rd_kafka_mock_cluster_new(client.native_ptr(), 1) };
        if cluster.is_null() {
            return Err(Error::new("start the mock cluster", "librdkafka made none"));
        }
        // SAFETY: the cluster just made. A group need not wait for members: there is one.
        unsafe { sys::rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0) };
        Ok(Self { cluster, client })
    }

    pub(in super::super) fn address(&self) -> String {
        // SAFETY: the cluster keeps the text as long as it lives.
        unsafe { CStr::from_ptr(sys::rd_kafka_mock_cluster_bootstraps(self.cluster)) }.to_string_lossy().into_owned()
    }

    pub(in super::super) fn create(&self, topic: &str, partitions: i32) -> Result<(), Error> {
        let doing = "create a topic in the mock cluster";
        let name = CString::new(topic).map_err(|error| Error::new(doing, error))?;
        // SAFETY: a live cluster and a NUL-ended name.
        let error = unsafe { sys::rd_kafka_mock_topic_create(self.cluster, name.as_ptr(), partitions, 1) };
        if error == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Ok(());
        }
        Err(Error::new(doing, format_args!("`{topic}`: {}", rdkafka::types::RDKafkaErrorCode::from(error))))
    }

    /// A request to come of this kind, the next one of which that is not yet said, is answered with this code, 0 is none, so
    /// many ms later than it could be.
    #[cfg(test)]
    pub(in super::super) fn answer(&self, request: i16, code: sys::rd_kafka_resp_err_t, delay: i32) {
        // SAFETY: a live cluster; 1 is its only broker, and behind the count of one there stand one code and one delay,
        // both of them C's int.
        unsafe { sys::rd_kafka_mock_broker_push_request_error_rtts(self.cluster, 1, request, 1, code as i32, delay) };
    }
}

/// The numbers of Kafka's requests.
#[cfg(test)]
pub(in super::super) const PRODUCE: i16 = 0;
#[cfg(test)]
pub(in super::super) const FETCH: i16 = 1;

impl Drop for RawMock {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once, before its client.
        unsafe { sys::rd_kafka_mock_cluster_destroy(self.cluster) };
        let _ = &self.client;
    }
}

impl std::fmt::Debug for RawMock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawMock")
    }
}
