//! The admin API over TLS, with certificates that change while it listens.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    hash::MessageDigest,
    pkey::{PKey, Private},
    rsa::Rsa,
    ssl::{SslConnector, SslMethod, SslVerifyMode},
    symm::Cipher,
    x509::{X509, X509NameBuilder, extension::BasicConstraints, extension::SubjectAlternativeName},
};
use weir_tests::{Gateway, child_process, eventually, paths, within};

/// A certificate of this number for `localhost`, signed by its own key.
struct Identity {
    certificate: Vec<u8>,
    key: PKey<Private>,
}

impl Identity {
    fn new(number: u32) -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "weir").unwrap();
        let name = name.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&BigNum::from_u32(number).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        let names = SubjectAlternativeName::new().dns("localhost").build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(names).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { certificate: builder.build().to_pem().unwrap(), key }
    }

    fn key(&self) -> Vec<u8> {
        self.key.private_key_to_pem_pkcs8().unwrap()
    }
}

const CONFIG: &str = r#"[admin]
listen = "127.0.0.1:0"
tls = { certificate = "admin.crt", key = "admin.key" }

[kafka]
brokers = "127.0.0.1:1"

[pipelines.p]
from = ["in"]
to = "out"
group = "g"
"#;

/// The number of the certificate that the server shows, and its answer.
fn get(address: SocketAddr, path: &str) -> (u32, String) {
    let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
    connector.set_verify(SslVerifyMode::NONE);
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut stream = connector.build().connect("localhost", stream).unwrap();
    let number = stream.ssl().peer_certificate().unwrap().serial_number().to_bn().unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    // It closes the connection as HTTP allows, without TLS's own farewell.
    let _ = stream.read_to_string(&mut answer);
    (number.to_dec_str().unwrap().parse().unwrap(), answer)
}

#[test]
fn the_admin_api_speaks_tls_and_takes_new_certificates_as_they_come() {
    within(120, || {
        let (first, second) = (Identity::new(1), Identity::new(2));
        let gateway = Gateway::new(CONFIG);
        gateway.write("admin.crt", &first.certificate);
        gateway.write("admin.key", first.key());
        let running = gateway.run();
        running.says("the admin API listens");
        let log = running.log();
        let address = log.split("address=").nth(1).unwrap().split_whitespace().next().unwrap();
        let address: SocketAddr = address.parse().unwrap();

        let (number, answer) = get(address, "/live");
        assert_eq!(number, 1);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let mut plain = TcpStream::connect(address).unwrap();
        plain.write_all(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        // A reset is an answer, too.
        let _ = plain.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "plain HTTP is answered");

        let status = |environment: &[(&str, &str)]| {
            let mut weir = child_process::command(paths::weir());
            weir.args(["status", "--json", "--admin", &format!("https://localhost:{}", address.port())]);
            weir.current_dir(gateway.path("")).envs(environment.iter().copied());
            let output = weir.output().unwrap();
            (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
        };
        let (code, out, err) = status(&[("WEIR_ADMIN_CA", "admin.crt")]);
        assert!(code == Some(1) && out.contains("\"ready\": false"), "{code:?} {out} {err}");
        let (code, out, err) = status(&[]);
        assert!(code == Some(1) && out.is_empty() && err.contains("certificate"), "{code:?} {out} {err}");

        // The files are replaced one after the other: between the two the old pair serves.
        gateway.write("admin.key", second.key());
        // It looks at them when a client comes.
        eventually(30, "the new key is looked at", || {
            assert_eq!(get(address, "/live").0, 1);
            running.log().contains("goes on with the certificate it had").then_some(())
        });
        gateway.write("admin.crt", &second.certificate);
        eventually(30, "the second certificate is shown", || (get(address, "/live").0 == 2).then_some(()));
        running.kill();
    });
}

#[test]
fn a_certificate_that_cannot_serve_is_a_mistake_of_the_configuration() {
    let (one, other) = (Identity::new(1), Identity::new(2));
    let sealed = one.key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"secret").unwrap();
    let rsa = one.key.rsa().unwrap().private_key_to_pem().unwrap();
    let cases: [(&[u8], &[u8], &str); 5] = [
        (&one.certificate, &other.key(), "is not that of the first certificate"),
        (&one.certificate, &sealed, "without a pass phrase"),
        (b"", &one.key(), "holds no certificate"),
        (&one.key(), &one.key(), "holds no certificate"),
        (&one.certificate, &one.certificate, "holds no private key"),
    ];
    let gateway = Gateway::new(CONFIG);
    let check = || gateway.weir(&["check", "-c", "weir.toml"]);
    let refused = check().expect(78);
    assert!(
        refused.err.contains("cannot read the certificate") && refused.err.contains("weir.toml:3"),
        "{}",
        refused.err
    );
    for (certificate, key, words) in cases {
        gateway.write("admin.crt", certificate);
        gateway.write("admin.key", key);
        let refused = check().expect(78);
        assert!(refused.err.contains(words) && refused.err.contains("weir.toml:3"), "{words}: {}", refused.err);
    }
    gateway.write("admin.crt", &one.certificate);
    for key in [one.key(), rsa] {
        gateway.write("admin.key", key);
        check().expect(0);
    }
    gateway.write("admin.key", sealed);
    gateway.weir(&["check", "--no-env", "-c", "weir.toml"]).expect(0);
}
