//! The admin API of a running weir, asked by a plain HTTP client and by weir's own commands.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;
use weir_tests::{
    Broker, Gateway, Record, Running, Topic,
    admin::{address, ask, get, json, send},
    eventually, unique, within,
};

fn config(from: &str) -> String {
    format!(
        "[admin]\nlisten = \"127.0.0.1:0\"\n\n[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{from}-out\"\n\
         dead_letter = \"{from}-dead\"\ngroup = \"{from}\"\n"
    )
}

/// A gateway with one pipeline that runs, and where its admin API listens.
fn started(from: &str, config: &str) -> (Gateway, Running, SocketAddr) {
    started_on(from, &Gateway::config(Broker::shared(), config))
}

/// The same with a configuration that says where the brokers are.
fn started_on(from: &str, config: &str) -> (Gateway, Running, SocketAddr) {
    let (to, dead) = (format!("{from}-out"), format!("{from}-dead"));
    Broker::shared().oracle.create([Topic::new(from, 2), Topic::new(&to, 1), Topic::new(&dead, 1)]);
    let gateway = Gateway::new(config);
    let running = gateway.run();
    let address = ready(&running);
    (gateway, running, address)
}

/// Where the admin API listens of a weir that has become ready.
fn ready(running: &Running) -> SocketAddr {
    let address = address(running);
    eventually(60, "it is ready", || (get(address, "/ready").0 == 200).then_some(()));
    address
}

fn state(address: SocketAddr) -> String {
    let (status, answer) = json(get(address, "/status"));
    assert_eq!(status, 200);
    answer["pipelines"][0]["state"].as_str().unwrap().to_owned()
}

#[test]
fn status_and_metrics_tell_what_became_of_the_records() {
    within(120, || {
        let from = unique("admin");
        let (_gateway, running, address) = started(&from, &config(&from));
        assert_eq!(get(address, "/live"), (200, "live\n".to_owned()));
        let records = (0..10).map(|number| Record::to(&from).partition(number % 2).value(format!("planted-{number}")));
        Broker::shared().oracle.produce(records);
        let status = eventually(60, "ten records are out", || {
            let (status, answer) = json(get(address, "/status"));
            assert_eq!(status, 200);
            let settled = answer["pipelines"][0]["partitions"].as_array().unwrap().iter();
            let settled: i64 = settled.filter_map(|partition| partition["watermark"].as_i64()).sum();
            (answer["pipelines"][0]["records"]["out"] == 10 && settled == 10).then_some(answer)
        });
        let pipeline = &status["pipelines"][0];
        assert_eq!((pipeline["name"].as_str(), pipeline["state"].as_str()), (Some("p"), Some("running")));
        assert_eq!(pipeline["records"]["in"], 10);
        assert_eq!((pipeline["generation"].as_u64(), &pipeline["reason"]), (Some(1), &Value::Null));
        assert_eq!(pipeline["digest"].as_str().unwrap().len(), 64);
        assert_eq!(status["ready"], true);

        let (code, metrics) = get(address, "/metrics");
        assert_eq!(code, 200);
        for line in [
            format!("weir_records_in_total{{pipeline=\"p\",topic=\"{from}\"}} 10"),
            format!("weir_records_out_total{{pipeline=\"p\",topic=\"{from}-out\"}} 10"),
            "weir_pipeline_up{pipeline=\"p\"} 1".to_owned(),
        ] {
            assert!(metrics.lines().any(|one| one == line), "{line}\n{metrics}");
        }
        assert!(metrics.ends_with("# EOF\n"));
        assert!(metrics.contains("weir_build_info{") && metrics.contains("weir_generation_info{"), "{metrics}");
        let (code, openapi) = json(get(address, "/openapi.json"));
        assert_eq!(code, 200);
        for (path, methods) in openapi["paths"].as_object().unwrap() {
            let path = path.replace("{name}", "nobody");
            let method = methods.as_object().unwrap().keys().next().unwrap().to_uppercase();
            let (code, answer) = send(address, &method, &path, "");
            // There is nothing to go back to.
            let expected = if path == "/rollback" { 422 } else { 200 };
            assert!(code == expected || answer.contains("no pipeline `nobody`"), "{method} {path}: {code} {answer}");
        }
        assert!(!metrics.contains("planted") && !status.to_string().contains("planted"));
        assert!(running.stop().0.success());
    });
}

#[test]
fn a_pipeline_is_paused_and_resumed_by_command() {
    within(120, || {
        let from = unique("admin");
        let (gateway, running, address) = started(&from, &config(&from));
        let admin = format!("http://{address}");
        gateway.weir(&["pause", "p", "--admin", &admin]).expect(0);
        eventually(30, "it is paused", || (state(address) == "paused").then_some(()));
        assert_eq!(get(address, "/ready").0, 503);
        let shown = gateway.weir(&["status", "--admin", &admin]).expect(1).text();
        assert!(shown.contains("paused"), "{shown}");
        Broker::shared().oracle.produce([Record::to(&from).partition(0).value("one")]);
        gateway.weir(&["resume", "p", "--admin", &admin]).expect(0);
        eventually(60, "it runs and has carried the record", || {
            (Broker::shared().oracle.count(&[&format!("{from}-out")]) == 1).then_some(())
        });
        eventually(30, "it is ready", || (get(address, "/ready").0 == 200).then_some(()));
        let refused = gateway.weir(&["resume", "p", "--admin", &admin]).expect(1).err;
        assert!(refused.contains("is not stopped"), "{refused}");
        let refused = gateway.weir(&["pause", "q", "--admin", &admin]).expect(1).err;
        assert!(refused.contains("there is no pipeline `q`"), "{refused}");
        assert!(running.stop().0.success());
        let away = gateway.weir(&["status", "--admin", &admin]).expect(1).err;
        assert!(away.contains("no weir answers"), "{away}");
    });
}

#[test]
fn a_reload_answers_what_came_of_it() {
    within(120, || {
        let from = unique("admin");
        let good = config(&from);
        let (gateway, running, address) = started(&from, &good);
        assert_eq!(json(send(address, "POST", "/reload", "")).1["outcome"], "unchanged");

        let enriched = format!(
            "{good}[[pipelines.p.interceptors]]\nplugin = \"header-enricher\"\n\
             config = {{ headers = [ {{ name = \"dc\", value = \"hz1\" }} ] }}\n"
        );
        gateway.write("weir.toml", Gateway::config(Broker::shared(), &enriched));
        let (code, answer) = json(send(address, "POST", "/reload", ""));
        // The watch may have been first.
        assert!(code == 200 && (answer["outcome"] == "applied" || answer["outcome"] == "unchanged"), "{answer}");
        let (_, status) = json(get(address, "/status"));
        assert_eq!(status["pipelines"][0]["generation"], 2, "{status}");
        assert_eq!(status["pipelines"][0]["plugins"][0]["interceptor"], "header-enricher", "{status}");
        assert_eq!(status["last_reload"]["outcome"], "applied", "{status}");

        gateway.write("weir.toml", Gateway::config(Broker::shared(), &enriched.replace("hz1", "{nonsense")));
        let (code, answer) = json(send(address, "POST", "/reload", ""));
        assert_eq!((code, &answer["outcome"]), (422, &Value::from("refused")), "{answer}");
        assert!(answer["reasons"][0].as_str().unwrap().contains("weir.toml"), "{answer}");
        let said = gateway.weir(&["reload", "--admin", &format!("http://{address}")]).expect(1).err;
        assert!(said.contains("refused") && said.contains("weir.toml"), "{said}");

        gateway.write("weir.toml", Gateway::config(Broker::shared(), &enriched.replace("127.0.0.1:0", "127.0.0.1:9")));
        let (code, answer) = json(send(address, "POST", "/reload", ""));
        assert_eq!((code, &answer["outcome"]), (409, &Value::from("restart-needed")), "{answer}");
        let (_, status) = json(get(address, "/status"));
        assert_eq!(status["pipelines"][0]["generation"], 2, "{status}");
        let (_, metrics) = get(address, "/metrics");
        assert!(metrics.contains("weir_reloads_total{outcome=\"applied\"} 1"), "{metrics}");
        assert!(running.stop().0.success());
    });
}

#[test]
fn only_who_has_the_token_is_answered_and_no_page_may_ask() {
    within(120, || {
        let from = unique("admin");
        let guarded = config(&from).replace("[pipelines.p]", "token = { file = \"token\" }\n[pipelines.p]");
        let broker = Broker::shared();
        let (to, dead) = (format!("{from}-out"), format!("{from}-dead"));
        broker.oracle.create([Topic::new(&from, 1), Topic::new(&to, 1), Topic::new(&dead, 1)]);
        let gateway = Gateway::against(broker, &guarded);
        gateway.write("token", "planted-token\n");
        let running = gateway.run();
        let address = address(&running);
        eventually(60, "it is ready", || (get(address, "/ready").0 == 200).then_some(()));
        assert_eq!(get(address, "/status").0, 401);
        assert_eq!(send(address, "POST", "/pipelines/p/pause", "Authorization: Bearer wrong\r\n").0, 401);
        assert_eq!(send(address, "GET", "/metrics", "Authorization: Bearer planted-token\r\n").0, 200);
        let page = "Authorization: Bearer planted-token\r\nOrigin: http://evil.example\r\n";
        assert_eq!(send(address, "POST", "/reload", page).0, 403);
        assert_eq!(get(address, "/nothing").0, 401);
        assert_eq!(send(address, "GET", "/nothing", "Authorization: Bearer planted-token\r\n").0, 404);
        assert_eq!(send(address, "GET", "/reload", "Authorization: Bearer planted-token\r\n").0, 405);
        assert_eq!(ask(address, "GET /live HTTP/1.0\r\n\r\n").0, 200);
        assert_eq!(ask(address, "GET /status HTTP/1.0\r\nAuthorization: Bearer planted-token\r\n\r\n").0, 400);
        assert!(!running.log().contains("planted-token"));
        assert!(running.stop().0.success());
    });
}

#[test]
fn clients_that_stall_or_send_nonsense_hold_up_nobody() {
    within(120, || {
        let from = unique("admin");
        let (_gateway, running, address) = started(&from, &config(&from));
        let mut held = Vec::new();
        for number in 0..250 {
            let mut stream = TcpStream::connect(address).unwrap();
            let begun: &[u8] = match number % 4 {
                0 => b"",
                1 => b"GET /status HT",
                2 => b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                _ => b"POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nx",
            };
            let _closed_already = stream.write_all(begun);
            held.push(stream);
        }
        let mut large = TcpStream::connect(address).unwrap();
        let header = format!("GET /live HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(1 << 20));
        let _cut_off = large.write_all(header.as_bytes());
        Broker::shared().oracle.produce((0..100).map(|number| Record::to(&from).partition(number % 2).value("v")));
        eventually(60, "the records go on", || {
            (Broker::shared().oracle.count(&[&format!("{from}-out")]) == 100).then_some(())
        });
        assert_eq!(get(address, "/live").0, 200);
        assert_eq!(json(get(address, "/status")).0, 200);
        drop(held);
        assert!(running.stop().0.success());
    });
}

#[test]
fn dead_letters_are_told_by_kind_and_place_and_every_record_is_accounted_for() {
    within(120, || {
        let from = unique("admin");
        // Nothing routes, and there is no `to`: each record is a dead letter.
        let config = config(&from).replace(&format!("to = \"{from}-out\"\n"), "");
        let (_gateway, running, address) = started(&from, &config);
        let records = (0..5).map(|number| Record::to(&from).partition(0).value(format!("planted-{number}")));
        Broker::shared().oracle.produce(records);
        eventually(60, "five are dead", || {
            let (_, status) = json(get(address, "/status"));
            let records = &status["pipelines"][0]["records"];
            let told = ["in", "dead", "in_flight", "passed"].map(|key| records[key].as_i64().unwrap());
            (told == [5, 5, 0, 0]).then_some(())
        });
        let (code, answer) = json(get(address, "/pipelines/p/dead-letters?limit=2"));
        assert_eq!(code, 200);
        let letters = answer["dead_letters"].as_array().unwrap();
        let places: Vec<_> =
            letters.iter().map(|letter| (letter["kind"].as_str(), letter["offset"].as_i64())).collect();
        assert_eq!(places, [(Some("unrouted"), Some(4)), (Some("unrouted"), Some(3))]);
        assert_eq!((letters[0]["topic"].as_str(), letters[0]["partition"].as_i64()), (Some(from.as_str()), Some(0)));
        assert_eq!(json(get(address, "/pipelines/p/dead-letters")).1["dead_letters"].as_array().unwrap().len(), 5);
        assert_eq!(get(address, "/pipelines/p/dead-letters?limit=many").0, 400);
        running.says("dead letters; the newest");
        let log = running.log();
        assert!(!answer.to_string().contains("planted") && !log.contains("planted"), "{log}");
        let metrics = get(address, "/metrics").1;
        assert!(metrics.contains("weir_delivery_seconds_count{pipeline=\"p\"} "), "{metrics}");
        assert!(running.stop().0.success());
    });
}

#[test]
fn a_rollback_brings_the_configuration_before_back_and_what_was_left_stays_refused_over_a_restart() {
    within(120, || {
        let from = unique("admin");
        let plain = format!("state_dir = \"state\"\n{}", Gateway::config(Broker::shared(), &config(&from)));
        let (gateway, running, address) = started_on(&from, &plain);
        let admin = format!("http://{address}");
        let stamped = plain.replace("group =", "stamp_generation = \"generation\"\ngroup =");
        gateway.write("weir.toml", &stamped);
        assert_eq!(send(address, "POST", "/reload", "").0, 200);
        let status = || json(get(address, "/status")).1["pipelines"][0].clone();
        eventually(30, "the second generation serves", || (status()["generation"] == 2).then_some(()));
        let digest = status()["digest"].as_str().unwrap().to_owned();
        Broker::shared().oracle.produce([Record::to(&from).partition(0).value("two")]);
        let to = format!("{from}-out");
        eventually(60, "its record is out", || (Broker::shared().oracle.count(&[&to]) == 1).then_some(()));
        let said = gateway.weir(&["reload", "--rollback", "--admin", &admin]).expect(0).text();
        assert!(said.contains("generation 2 is left, generation 3 serves"), "{said}");
        // What the files hold is refused now, and says why.
        let refused = gateway.weir(&["reload", "--admin", &admin]).expect(1).err;
        assert!(refused.contains("rolled back (generation 2): an operator wants it"), "{refused}");
        Broker::shared().oracle.produce([Record::to(&from).partition(0).value("three")]);
        eventually(60, "it is out", || (Broker::shared().oracle.count(&[&to]) == 2).then_some(()));
        let records = Broker::shared().oracle.read(&[&to]);
        let stamps: Vec<_> = records.iter().map(|record| record.text("generation")).collect();
        let digest = Some(digest[..12].to_owned());
        assert_eq!(stamps, [digest, None]);
        assert!(running.stop().0.success());
        // However often it is started on it, and by whatever path.
        for path in [gateway.path("weir.toml").to_str().unwrap(), "weir.toml", "./weir.toml"] {
            let refused = gateway.weir(&["run", "-c", path]).expect(78).err;
            // Lines are broken where they are long, within words, too.
            let letters = |text: &str| text.replace(|letter: char| letter.is_whitespace() || letter == '│', "");
            for words in ["it was rolled back at ", "an operator wants it", "rolled-back.json"] {
                assert!(letters(&refused).contains(&letters(words)), "{refused}");
            }
        }
        // Any change has it looked at again, and what served before was never refused.
        for changed in [stamped.replace("\"generation\"", "\"stamp\""), plain] {
            gateway.write("weir.toml", changed);
            let running = gateway.run();
            ready(&running);
            assert!(running.stop().0.success());
        }
    });
}
