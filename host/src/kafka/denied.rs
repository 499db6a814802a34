//! Failed authentication: what the brokers say, and what to change.

use std::fmt;

use rdkafka::types::RDKafkaErrorCode;

/// A broker turned weir away, or weir would not trust it; no retry cures that while nobody changes anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// librdkafka's words, which begin with the broker's address.
    pub reason: String,
    /// What to look at in the configuration.
    pub advice: &'static str,
}

impl Denied {
    /// What an error of a client says of being let in; none where it speaks of something else.
    pub(super) fn of(code: RDKafkaErrorCode, reason: &str) -> Option<Self> {
        use RDKafkaErrorCode as E;
        let advice = match code {
            E::UnsupportedSASLMechanism => MECHANISM,
            E::Authentication if reason.contains("mechanism handshake failed") => MECHANISM,
            // No token from its endpoint, or one that the brokers do not take.
            E::Authentication | E::SaslAuthenticationFailed if reason.contains("OAUTHBEARER") => {
                "check `sasl.oauthbearer.client.id`, `sasl.oauthbearer.client.secret` and \
                 `sasl.oauthbearer.token.endpoint.url` in [kafka.options], and whether the brokers take its tokens"
            }
            E::Authentication | E::SaslAuthenticationFailed | E::IllegalSASLState => {
                "check `sasl.username`, `sasl.password` and `sasl.mechanisms` in [kafka.options]"
            }
            E::SSL if reason.contains("certificate could not be verified") || reason.contains("verify") => {
                "`ssl.ca.location` in [kafka.options] must name the authority that signed the broker's certificate, and \
                 `brokers` must name the broker as its certificate does"
            }
            E::SSL => {
                "check `security.protocol`, and whether the brokers ask for a certificate of weir's own \
                 (`ssl.certificate.location`, `ssl.key.location`), in [kafka.options]"
            }
            _ => return None,
        };
        Some(Self { reason: reason.to_owned(), advice })
    }
}

const MECHANISM: &str =
    "check `security.protocol` and `sasl.mechanisms` in [kafka.options] against what the brokers offer";

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.reason, self.advice)
    }
}
