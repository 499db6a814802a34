//! A producer without callbacks, on cached topic handles.

use std::{
    ffi::{CString, c_void},
    ptr,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use rdkafka::{
    bindings as sys,
    client::{Client, DefaultClientContext},
    config::ClientConfig,
    types::{RDKafkaErrorCode, RDKafkaType},
};

use super::{Headers, Message};

/// What becomes of a value while it is being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holding {
    /// librdkafka copies it; the consumed message goes at once.
    Copy,
    /// librdkafka sends it from the consumed message, which stays until the report.
    Hold,
}

/// A topic's handle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Topic(usize);

/// A producer, used by one thread at a time.
pub(crate) struct Producer {
    topics: Vec<*mut sys::rd_kafka_topic_t>,
    queue: *mut sys::rd_kafka_queue_t,
    holding: Holding,
    /// What a message is described by; filled anew for each.
    parts: [sys::rd_kafka_vu_t; 7],
    client: Client<DefaultClientContext>,
}

// SAFETY: librdkafka's handles may be used from any thread; we only ever use them through &mut self.
unsafe impl Send for Producer {}

/// Bits of an opaque that are the offset.
const OFFSET_BITS: u32 = 48;

impl Producer {
    pub(crate) fn new(config: &ClientConfig, holding: Holding) -> Result<Self> {
        let native = config.create_native_config()?;
        // SAFETY: the configuration is ours until the client takes it.
        unsafe { sys::rd_kafka_conf_set_events(native.ptr(), sys::RD_KAFKA_EVENT_DR | sys::RD_KAFKA_EVENT_ERROR) };
        let client = Client::new(config, native, RDKafkaType::RD_KAFKA_PRODUCER, DefaultClientContext)?;
        // SAFETY: a live client; the reference to its queue is given back in drop.
        let queue = unsafe { sys::rd_kafka_queue_get_main(client.native_ptr()) };
        use sys::rd_kafka_vtype_t as Type;
        let parts = [
            Type::RD_KAFKA_VTYPE_RKT,
            Type::RD_KAFKA_VTYPE_MSGFLAGS,
            Type::RD_KAFKA_VTYPE_VALUE,
            Type::RD_KAFKA_VTYPE_KEY,
            Type::RD_KAFKA_VTYPE_TIMESTAMP,
            Type::RD_KAFKA_VTYPE_OPAQUE,
            Type::RD_KAFKA_VTYPE_HEADERS,
        ]
        .map(part);
        Ok(Self { topics: Vec::new(), queue, holding, parts, client })
    }

    /// The handle of a topic, to be asked for once.
    pub(crate) fn topic(&mut self, name: &str) -> Result<Topic> {
        let c_name = CString::new(name).context("a topic's name")?;
        // SAFETY: a live client and a NUL-ended name; without settings of its own the topic has the client's.
        let topic = unsafe { sys::rd_kafka_topic_new(self.client.native_ptr(), c_name.as_ptr(), ptr::null_mut()) };
        ensure!(!topic.is_null(), "librdkafka refuses the topic {name}");
        self.topics.push(topic);
        Ok(Topic(self.topics.len() - 1))
    }

    /// Sends key and value of a consumed message with these headers and this time. Its report names its partition and
    /// offset.
    ///
    /// # Errors
    /// Not taken, and no report will come.
    pub(crate) fn send(
        &mut self,
        topic: Topic,
        message: Message,
        headers: Option<Headers>,
        timestamp: i64,
    ) -> Result<(), RDKafkaErrorCode> {
        let (key, value) = (memory(message.key()), memory(message.value()));
        let place = (message.partition() as u64) << OFFSET_BITS | message.offset() as u64;
        let (flags, opaque, kept) = match self.holding {
            Holding::Copy => (sys::RD_KAFKA_MSG_F_COPY, ptr::without_provenance_mut(place as usize), Some(message)),
            Holding::Hold => (0, message.into_raw().cast::<c_void>(), None),
        };
        let parts = &mut self.parts;
        parts[0].u.rkt = self.topics[topic.0];
        parts[1].u.i = flags;
        parts[2].u.mem = value;
        parts[3].u.mem = key;
        parts[4].u.i64_ = timestamp;
        parts[5].u.ptr = opaque;
        let mut count = 6;
        if let Some(headers) = &headers {
            parts[6].u.headers = headers.as_ptr();
            count = 7;
        }
        // SAFETY: `count` parts, each with the member its type names. The key is always copied within the call, the
        // value is too (F_COPY) or belongs to a message that is destroyed by nobody before its report; the headers pass
        // to the message only where the call succeeds.
        let error = unsafe { sys::rd_kafka_produceva(self.client.native_ptr(), parts.as_ptr(), count) };
        drop(kept);
        if error.is_null() {
            if let Some(headers) = headers {
                headers.forget();
            }
            return Ok(());
        }
        // SAFETY: the error is ours to read and to destroy, once; a message that was not taken is ours again.
        unsafe {
            if self.holding == Holding::Hold {
                drop(Message::from_raw(opaque.cast()));
            }
            let code = sys::rd_kafka_error_code(error);
            sys::rd_kafka_error_destroy(error);
            Err(code.into())
        }
    }

    /// Hands the reports that are there to `each`, as source partition, source offset and error; waits up to `wait` for
    /// the first.
    pub(crate) fn serve(&mut self, wait: Duration, mut each: impl FnMut(i32, i64, Option<RDKafkaErrorCode>)) {
        let mut wait = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        loop {
            // SAFETY: our queue; the event is ours, destroyed once, after the last look at what it lends.
            unsafe {
                let event = sys::rd_kafka_queue_poll(self.queue, wait);
                if event.is_null() {
                    return;
                }
                wait = 0;
                if sys::rd_kafka_event_type(event) == sys::RD_KAFKA_EVENT_DR {
                    loop {
                        let report = sys::rd_kafka_event_message_next(event);
                        if report.is_null() {
                            break;
                        }
                        let failed = (*report).err != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;
                        let error = failed.then(|| (*report).err.into());
                        let (partition, offset) = self.place((*report)._private);
                        each(partition, offset, error);
                    }
                }
                sys::rd_kafka_event_destroy(event);
            }
        }
    }

    /// What an opaque speaks of; a message that was held goes.
    ///
    /// # Safety
    /// The opaque of a message that [`Self::send`] sent, whose report was just read for the first time.
    unsafe fn place(&self, opaque: *mut c_void) -> (i32, i64) {
        match self.holding {
            Holding::Copy => {
                let place = opaque.addr() as u64;
                ((place >> OFFSET_BITS) as i32, (place & ((1 << OFFSET_BITS) - 1)) as i64)
            }
            Holding::Hold => {
                // SAFETY: the caller's promise: this is the message that send gave away, and nobody uses it any more.
                let message = unsafe { Message::from_raw(opaque.cast()) };
                message.map_or((0, 0), |message| (message.partition(), message.offset()))
            }
        }
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        for &topic in &self.topics {
            // SAFETY: made by us; messages keep their own reference.
            unsafe { sys::rd_kafka_topic_destroy(topic) };
        }
        // SAFETY: our reference to the queue, given back once, before the client goes.
        unsafe { sys::rd_kafka_queue_destroy(self.queue) };
    }
}

const fn part(vtype: sys::rd_kafka_vtype_t) -> sys::rd_kafka_vu_t {
    sys::rd_kafka_vu_t { vtype, u: sys::rd_kafka_vu_s__bindgen_ty_1 { _pad: [0; 64] } }
}

fn memory(bytes: Option<&[u8]>) -> sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
    let (at, size) = bytes.map_or((ptr::null(), 0), |bytes| (bytes.as_ptr(), bytes.len()));
    sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 { ptr: at.cast_mut().cast(), size }
}
