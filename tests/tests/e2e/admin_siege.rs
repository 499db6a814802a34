//! An admin port that is besieged: records go on, and operators are answered.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use weir_tests::{
    Broker, Gateway, Guest, Record, Running, Topic,
    admin::{address, get},
    eventually,
    siege::{HOSTILE, IDLE, Siege},
    unique, within,
};

/// How soon a scrape is answered, on a busy machine.
const SOON: Duration = Duration::from_secs(15);

/// More connections than weir lets stand.
const MANY: usize = 400;

fn is_scraped(address: SocketAddr) {
    for path in ["/live", "/metrics", "/status"] {
        let began = Instant::now();
        assert_eq!(get(address, path).0, 200, "{path}");
        assert!(began.elapsed() < SOON, "{path} took {:?}", began.elapsed());
    }
}

/// A gateway with one pipeline, ready, and where its admin API listens.
fn started() -> (Gateway, Running, SocketAddr, String, [String; 2]) {
    let broker = Broker::shared();
    let topics = ["siege", "siege-out"].map(unique);
    let [from, to] = &topics;
    broker.oracle.create([from, to].map(|topic| Topic::new(topic, 1)));
    let config = format!(
        "[admin]\nlisten = \"127.0.0.1:0\"\n\n[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\n\
         group = \"{from}\"\n"
    );
    let gateway = Gateway::against(broker, &config);
    let running = gateway.run();
    let address = address(&running);
    eventually(60, "it is ready", || (get(address, "/ready").0 == 200).then_some(()));
    (gateway, running, address, config, topics)
}

#[test]
fn two_hundred_idle_and_fifty_hostile_clients_keep_nobody_from_an_answer_and_no_record_from_its_way() {
    within(400, || {
        let broker = Broker::shared();
        let (_gateway, mut running, address, _, [from, to]) = started();
        let siege = Siege::start(address);
        for number in 1..=20 {
            broker.oracle.produce((0..100).map(|_| Record::to(&from).value("v")));
            is_scraped(address);
            eventually(30, "the records go on", || (broker.oracle.count(&[&to]) == number * 100).then_some(()));
        }
        eventually(60, "each has come back", || {
            is_scraped(address);
            (siege.made() > (2 * (IDLE + HOSTILE)) as u64).then_some(())
        });
        siege.stop();
        assert!(running.lives());
        assert!(running.stop().0.success());
    });
}

#[test]
fn who_waits_for_a_reload_hears_of_it_however_many_connect_meanwhile() {
    within(300, || {
        let (gateway, running, address, config, _) = started();
        // Its reload takes seconds, and is refused then.
        let loops = Guest::named("endless").configures_with("(loop $l (br $l))");
        gateway.write("endless.wat", loops.text());
        let endless = format!("{config}[[pipelines.p.interceptors]]\nplugin = \"./endless.wat\"\n");
        gateway.write("weir.toml", Gateway::config(Broker::shared(), &endless));
        let mut asked = TcpStream::connect(address).unwrap();
        asked.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request = format!("POST /reload HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        asked.write_all(request.as_bytes()).unwrap();
        // More than may stand at a time.
        let idle: Vec<TcpStream> = (0..MANY).map(|_| TcpStream::connect(address).unwrap()).collect();
        is_scraped(address);
        let mut answer = String::new();
        asked.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 422 ") && answer.contains("\"refused\""), "{answer}");
        drop(idle);
        assert!(running.stop().0.success());
    });
}
