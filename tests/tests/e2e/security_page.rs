//! The configurations that `docs/security.md` shows, run against a real Kafka with what stands for an operator's own put in.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use openssl::{
    pkcs12::Pkcs12,
    ssl::{SslAcceptor, SslMethod},
    symm::Cipher,
};
use serde_json::json;
use weir_tests::{
    Gateway, Guarded, Record, Topic,
    broker::{PASSWORD, USER},
    eventually, keys, paths, unique, within,
};

/// The page's block of TOML whose first line is the comment `title`, with each of these words replaced.
fn block(title: &str, own: &[(&str, &str)]) -> String {
    let page = fs::read_to_string(paths::project().join("docs/security.md")).unwrap();
    let mut blocks = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let block = blocks.find(|block| block.lines().next() == Some(&format!("# {title}")));
    let mut block = block.unwrap_or_else(|| panic!("no block `{title}`")).to_owned();
    for (theirs, own) in own {
        assert!(block.contains(theirs), "nothing to replace: {theirs}\n{block}");
        block = block.replace(theirs, own);
    }
    // What is left is run as it stands there.
    for theirs in ["broker-1", "/etc/kafka", "/run/secrets", "example.com"] {
        assert!(!block.contains(theirs), "{theirs} was not replaced:\n{block}");
    }
    block
}

/// Weir carries a record between topics that only `principal` may use.
fn carries(principal: &str, kafka: &str, files: &[(&str, &[u8])], environment: &[(&str, &str)]) {
    let oracle = &Guarded::shared().broker.oracle;
    let [from, to] = ["page", "page-out"].map(unique);
    oracle.create([&from, &to].map(|name| Topic::new(name, 1)));
    for topic in [&from, &to] {
        oracle.narrow(topic, principal);
    }
    let gateway =
        Gateway::new(&format!("{kafka}\n[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\n"));
    for (name, content) in files {
        gateway.write(name, content);
    }
    let running = gateway.run_with(environment);
    oracle.produce([Record::to(&from).value("a record")]);
    eventually(60, "it carries a record", || (oracle.count(&[&to]) == 1).then_some(()));
    assert!(running.stop().0.success());
}

/// The path of what every block trusts.
fn authority() -> String {
    Guarded::shared().keys.authority.display().to_string()
}

#[test]
fn scram_and_plain_over_tls_carry_records_as_shown() {
    within(400, || {
        let guarded = Guarded::shared();
        guarded.broker.oracle.set_password(USER, PASSWORD);
        let own = [("broker-1:9093,broker-2:9093", guarded.sasl_tls.as_str()), ("/etc/kafka/ca.pem", &authority())];
        let scram = block("SASL with SCRAM over TLS", &own);
        let plain = scram.replace("SCRAM-SHA-512", "PLAIN");
        assert_ne!(scram, plain);
        for kafka in [scram, plain] {
            carries(USER, &kafka, &[], &[("KAFKA_PASSWORD", PASSWORD)]);
        }
    });
}

#[test]
fn mutual_tls_carries_records_as_shown_for_the_certificates_subject() {
    within(300, || {
        let guarded = Guarded::shared();
        let store = Pkcs12::from_der(&fs::read(&guarded.keys.client).unwrap()).unwrap().parse2(keys::WORD).unwrap();
        let certificate = store.cert.unwrap().to_pem().unwrap();
        let key = store.pkey.unwrap();
        let key = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"word-of-the-key").unwrap();
        let own = [
            ("broker-1:9093,broker-2:9093", guarded.mutual_tls.as_str()),
            ("/etc/kafka/ca.pem", &authority()),
            ("/etc/kafka/weir.pem", "weir.pem"),
            ("/etc/kafka/weir.key", "weir.key"),
            ("/run/secrets/weir-key", "word"),
        ];
        let files: [(&str, &[u8]); 3] =
            [("weir.pem", &certificate), ("weir.key", &key), ("word", b"word-of-the-key\n")];
        carries(keys::CLIENT, &block("mutual TLS", &own), &files, &[]);
    });
}

/// The client's secret at the token endpoint.
const SECRET: &str = "secret-of-the-client";
/// Whom its tokens are made out to.
const SUBJECT: &str = "weir-by-token";

fn oauth(url: &str) -> String {
    let own = [
        ("broker-1:9093,broker-2:9093", Guarded::shared().sasl_tls.as_str()),
        ("/etc/kafka/ca.pem", &authority()),
        ("/etc/kafka/login-ca.pem", &authority()),
        ("https://login.example.com/oauth2/token", url),
    ];
    block("OAuth 2 by client credentials", &own)
}

#[test]
fn oauth_by_client_credentials_carries_records_as_shown_for_the_tokens_subject() {
    within(300, || {
        let url = token_endpoint(&Guarded::shared().keys.store);
        carries(SUBJECT, &oauth(&url), &[], &[("KAFKA_CLIENT_SECRET", SECRET)]);
    });
}

#[test]
fn a_token_endpoint_that_refuses_the_secret_ends_the_start_and_names_the_keys() {
    within(300, || {
        let url = token_endpoint(&Guarded::shared().keys.store);
        let kafka = oauth(&url);
        let gateway = Gateway::new(&format!("{kafka}\n[pipelines.p]\nfrom = [\"in\"]\nto = \"out\"\ngroup = \"g\"\n"));
        let mut running = gateway.run_with(&[("KAFKA_CLIENT_SECRET", "guessed-secret")]);
        let status = running.exit(60);
        let log = running.log();
        assert_eq!(status.code(), Some(1), "{log}");
        for words in ["401", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.token.endpoint.url"] {
            assert!(log.contains(words), "nothing about `{words}`:\n{log}");
        }
        assert!(!log.contains("guessed-secret"), "the secret stands in the log:\n{log}");
    });
}

/// Listens with the broker's certificate and gives tokens to the client `weir` for [`SECRET`]; its URL.
fn token_endpoint(store: &Path) -> String {
    let store = Pkcs12::from_der(&fs::read(store).unwrap()).unwrap().parse2(keys::WORD).unwrap();
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_private_key(&store.pkey.unwrap()).unwrap();
    acceptor.set_certificate(&store.cert.unwrap()).unwrap();
    let acceptor = Arc::new(acceptor.build());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let acceptor = Arc::clone(&acceptor);
            // A client that goes away meanwhile is none of the test's.
            thread::spawn(move || answer(&acceptor, stream));
        }
    });
    format!("https://localhost:{port}/oauth2/token")
}

fn answer(acceptor: &SslAcceptor, stream: TcpStream) -> Option<()> {
    let mut stream = BufReader::new(acceptor.accept(stream).ok()?);
    let (mut length, mut is_known) = (0, false);
    let credentials = format!("Basic {}", BASE64_STANDARD.encode(format!("weir:{SECRET}")));
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => is_known = value == credentials,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let is_asked = String::from_utf8(body).ok()?.split('&').any(|pair| pair == "grant_type=client_credentials");
    let (status, body) = match is_known && is_asked {
        true => ("200 OK", json!({ "access_token": token(), "token_type": "Bearer", "expires_in": 3600 })),
        false => ("401 Unauthorized", json!({ "error": "invalid_client" })),
    };
    let body = body.to_string();
    write!(
        stream.get_mut(),
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    stream.get_mut().shutdown().ok().map(|_| ())
}

/// A token that nobody signed.
fn token() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "sub": SUBJECT, "iat": now, "exp": now + 3600 });
    format!("{}.{}.", part(json!({ "alg": "none" })), part(claims))
}
