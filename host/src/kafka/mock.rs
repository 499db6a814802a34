//! The broker inside the process that `weir dev` uses.

use super::{Error, raw::mock::RawMock};

/// librdkafka's mock cluster: one broker on the loopback interface, gone with this value. It keeps 5 MiB a partition.
#[derive(Debug)]
pub struct MockCluster(RawMock);

impl MockCluster {
    /// Listens on a free port.
    ///
    /// # Errors
    /// No port, no memory.
    pub fn start() -> Result<Self, Error> {
        RawMock::start().map(Self)
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        self.0.address()
    }

    /// Creates a topic.
    ///
    /// # Errors
    /// It is there already, or its name is none.
    pub fn create(&self, topic: &str, partitions: i32) -> Result<(), Error> {
        self.0.create(topic, partitions)
    }
}
