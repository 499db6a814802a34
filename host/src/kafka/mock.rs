//! The broker inside the process that `weir dev` uses.

use std::{
    net::TcpStream,
    sync::mpsc::{RecvTimeoutError, channel},
    time::Duration,
};

use super::raw::mock::RawMock;
#[cfg(test)]
use super::raw::mock::{FETCH, PRODUCE};
use crate::endpoint::Error;

/// How long the cluster may sleep over a call before it is woken.
const NAP: Duration = Duration::from_millis(2);

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

    /// Creates topics.
    ///
    /// # Errors
    /// One of them is there already, or its name is none; those before it are created.
    pub fn create<'a>(&self, topics: impl IntoIterator<Item = &'a str>, partitions: i32) -> Result<(), Error> {
        let address = self.address();
        std::thread::scope(|scope| {
            let (working, done) = channel::<()>();
            // librdkafka loses wake-ups of the cluster's thread, which then sleeps for a second; traffic wakes it.
            scope.spawn(move || {
                while done.recv_timeout(NAP) == Err(RecvTimeoutError::Timeout) {
                    drop(TcpStream::connect(&address));
                }
            });
            let created = topics.into_iter().try_for_each(|topic| self.0.create(topic, partitions));
            drop(working);
            created
        })
    }

    /// What produce requests to come are answered: the broker took one (`None`), or it lost track of the producer's sequence, or
    /// finds a record of it invalid, or has too few replicas now, which it may say half a second later.
    #[cfg(test)]
    pub(crate) fn answer_produce(&self, answers: &[Option<Answer>]) {
        use rdkafka::bindings::rd_kafka_resp_err_t as E;
        for answer in answers {
            let (code, delay) = match answer {
                None => (E::RD_KAFKA_RESP_ERR_NO_ERROR, 0),
                Some(Answer::OutOfOrder) => (E::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 0),
                Some(Answer::Invalid) => (E::RD_KAFKA_RESP_ERR_INVALID_RECORD, 0),
                Some(Answer::NotNow) => (E::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 0),
                Some(Answer::NotNowAndLate) => (E::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 500),
            };
            self.0.answer(PRODUCE, code, delay);
        }
    }

    /// So many produce requests to come are answered 200 ms later than they could be.
    #[cfg(test)]
    pub(crate) fn answer_late(&self, count: usize) {
        use rdkafka::bindings::rd_kafka_resp_err_t as E;
        (0..count).for_each(|_| self.0.answer(PRODUCE, E::RD_KAFKA_RESP_ERR_NO_ERROR, 200));
    }

    /// Of the fetch requests to come so many are answered as usual, and as many as `refused` behind them by an error that says
    /// nothing of offsets or rights.
    #[cfg(test)]
    pub(crate) fn refuse_fetches(&self, usual: usize, refused: usize) {
        use rdkafka::bindings::rd_kafka_resp_err_t as E;
        (0..usual).for_each(|_| self.0.answer(FETCH, E::RD_KAFKA_RESP_ERR_NO_ERROR, 0));
        (0..refused).for_each(|_| self.0.answer(FETCH, E::RD_KAFKA_RESP_ERR_INVALID_REQUEST, 0));
    }
}

/// An answer of the broker to a produce request.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    OutOfOrder,
    Invalid,
    NotNow,
    NotNowAndLate,
}
