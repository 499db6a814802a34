//! Tells a client once more which brokers its configuration names: rust-rdkafka has no such call.

use std::{
    ffi::{CStr, CString},
    ptr,
};

use rdkafka::{
    bindings as sys,
    client::{Client, ClientContext},
};

/// The property that names them.
const BROKERS: &CStr = c"bootstrap.servers";

/// Has the client ask the brokers that its configuration names, beside those that it knows.
pub(in super::super) fn begin_anew<C: ClientContext>(client: &Client<C>) {
    let brokers = configured_brokers(client);
    // SAFETY: a live client; the list is copied within the call.
    unsafe { sys::rd_kafka_brokers_add(client.native_ptr(), brokers.as_ptr()) };
}

fn configured_brokers<C: ClientContext>(client: &Client<C>) -> CString {
    let mut size = 0;
    // SAFETY: a live client, which owns its configuration; without a buffer only the value's size is told.
    let conf = unsafe {
        let conf = sys::rd_kafka_conf(client.native_ptr());
        sys::rd_kafka_conf_get(conf, BROKERS.as_ptr(), ptr::null_mut(), &raw mut size);
        conf
    };
    // One more than is told, whether the NUL is counted or not.
    let mut brokers = vec![0_u8; size + 1];
    size = brokers.len();
    // SAFETY: the same configuration; the buffer has `size` bytes.
    unsafe { sys::rd_kafka_conf_get(conf, BROKERS.as_ptr(), brokers.as_mut_ptr().cast(), &raw mut size) };
    CStr::from_bytes_until_nul(&brokers).map(CStr::to_owned).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use rdkafka::{
        config::ClientConfig,
        consumer::{BaseConsumer, Consumer as _},
    };

    use super::*;

    #[test]
    fn the_brokers_of_a_clients_configuration_are_found_whole() {
        let brokers = "127.0.0.1:1,127.0.0.1:2";
        let client: BaseConsumer = ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
        assert_eq!(configured_brokers(client.client()).to_str(), Ok(brokers));
        begin_anew(client.client());
    }
}
