//! A broker that also listens where clients must say who they are, or meet it in TLS.

use std::sync::OnceLock;

use super::{Broker, Ports, open, start};
use crate::{
    Oracle, jars,
    keys::{self, Keys},
};

/// Who may enter with [`PASSWORD`] by PLAIN; whoever comes by SCRAM is named by [`Oracle::set_password`].
pub const USER: &str = "weir";
/// And by which word.
pub const PASSWORD: &str = "of-the-tests";

/// A broker with guarded listeners, and where they are. The broker's certificate is made out to `localhost`.
#[derive(Debug)]
pub struct Guarded {
    /// The broker, whose own address stays open to all, with all rights.
    pub broker: Broker,
    /// `localhost:port` of a listener that takes PLAIN and SCRAM-SHA-256, whose users must say the word again every other
    /// second.
    pub sasl: String,
    /// `localhost:port` of a listener that speaks TLS.
    pub tls: String,
    /// `localhost:port` of a listener that speaks TLS and takes PLAIN, SCRAM-SHA-512, and OAUTHBEARER by any token that is
    /// not signed: the user is its `sub`.
    pub sasl_tls: String,
    /// `localhost:port` of a listener that speaks TLS with those whose certificate `keys.authority` signed: the user is the
    /// certificate's subject.
    pub mutual_tls: String,
    /// Whom to trust, and whom not.
    pub keys: Keys,
}

impl Guarded {
    /// The one that all tests of this process share, started for the first that asks; always an own broker. What nobody was
    /// given a right on, everybody may use.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Guarded> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(true))
    }

    /// The same, but that its users may do nothing but what they were given.
    pub fn strict() -> &'static Self {
        static STRICT: OnceLock<Guarded> = OnceLock::new();
        STRICT.get_or_init(|| Self::start(false))
    }

    fn start(is_lenient: bool) -> Self {
        let jars = jars::ready();
        let guard = Guard { keys: keys::ready(&jars.home), is_lenient };
        let (ports, own) = start(&jars, Some(&guard), super::Mode::Quick);
        let address = open(ports);
        let oracle = Oracle::start(&jars, &address);
        let [sasl, tls, sasl_tls, mutual_tls] =
            [ports.sasl, ports.tls, ports.sasl_tls, ports.mutual_tls].map(|port| format!("localhost:{port}"));
        let broker = Broker { address, oracle, own: Some(own) };
        Self { broker, sasl, tls, sasl_tls, mutual_tls, keys: guard.keys }
    }
}

/// What a broker's properties say of guarded listeners.
pub(super) struct Guard {
    keys: Keys,
    /// Whether everybody may use what nobody was given a right on.
    is_lenient: bool,
}

/// Which protocol each listener speaks.
pub(super) const PROTOCOLS: &str = "SASL:SASL_PLAINTEXT,TLS:SSL,SASLTLS:SASL_SSL,MUTUAL:SSL";

impl Guard {
    /// The listeners, to be put behind others.
    pub(super) fn listeners(ports: Ports) -> String {
        let Ports { sasl, tls, sasl_tls, mutual_tls, .. } = ports;
        format!(
            ",SASL://localhost:{sasl},TLS://localhost:{tls},SASLTLS://localhost:{sasl_tls},MUTUAL://localhost:{mutual_tls}"
        )
    }

    /// How they are set.
    pub(super) fn properties(&self) -> String {
        let plain =
            format!("org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}=\"{PASSWORD}\";");
        let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
        // The claim is the broker's own, which it never shows.
        let bearer = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \
                      unsecuredLoginStringClaim_sub=\"broker\";";
        let store = ["tls", "sasltls", "mutual"].map(|name| self.store(name)).concat();
        format!(
            "listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.sasl.plain.sasl.jaas.config={plain}
listener.name.sasl.scram-sha-256.sasl.jaas.config={scram}
listener.name.sasl.scram-sha-256.connections.max.reauth.ms=2000
listener.name.sasltls.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasltls.plain.sasl.jaas.config={plain}
listener.name.sasltls.scram-sha-512.sasl.jaas.config={scram}
listener.name.sasltls.oauthbearer.sasl.jaas.config={bearer}
listener.name.mutual.ssl.client.auth=required
listener.name.mutual.ssl.truststore.type=PEM
listener.name.mutual.ssl.truststore.location={}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
allow.everyone.if.no.acl.found={}
{store}",
            self.keys.authority.display(),
            self.is_lenient,
        )
    }

    /// Whom the broker is in the TLS of the listener `name`.
    fn store(&self, name: &str) -> String {
        let (store, word) = (self.keys.store.display(), keys::WORD);
        format!(
            "listener.name.{name}.ssl.keystore.location={store}
listener.name.{name}.ssl.keystore.password={word}
listener.name.{name}.ssl.key.password={word}
listener.name.{name}.ssl.keystore.type=PKCS12
"
        )
    }
}
