//! Ten times the input costs about ten times as much, whatever is wrong with it.

use std::{fmt::Write, time::Duration};

use rustix::time::{ClockId, clock_gettime};

use super::*;

/// CPU time of this thread, the least of a few tries.
fn cost(mut run: impl FnMut()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let tries = (0..3).map(|_| {
        let before = now();
        run();
        now() - before
    });
    tries.min().unwrap()
}

/// Loads and renders `text(n)` and `text(10 n)`, and compares.
#[track_caller]
fn is_linear(name: &str, n: usize, text: impl Fn(usize) -> String) {
    let cost_of = |n: usize| {
        let text = text(n);
        assert!(text.len() <= 1 << 20, "{name}: {} bytes are more than is read", text.len());
        cost(|| drop(load_text(&text).map_err(|mistakes| mistakes.render(false))))
    };
    let (small, large) = (cost_of(n), cost_of(10 * n));
    // Ten times a quadratic cost is a hundred; caches and neighbours make up to thirty of ten.
    // What is the same for both must not hide what grows, nor a hiccup of the machine pass for growth.
    assert!(large <= 40 * small + Duration::from_millis(20), "{name}: {small:?} for {n}, {large:?} for ten times that");
}

fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

const KAFKA: &str = "[kafka]\nbrokers = 'localhost:9092'\n";
const PIPELINE: &str = "[pipelines.a]\nfrom = ['x']\ngroup = 'g'\nto = 'y'\n";

#[test]
fn mistakes_cost_as_much_as_there_are() {
    is_linear("unknown keys of a pipeline", 2000, |n| {
        format!("{KAFKA}{PIPELINE}{}", lines(n, |at| format!("unknown_{at} = 1\n")))
    });
    is_linear("unknown keys on one line", 2000, |n| {
        format!("{KAFKA}{PIPELINE}batch = {{ {} }}\n", lines(n, |at| format!("unknown_{at} = 1, ")) + "records = 1")
    });
    is_linear("unknown properties", 2000, |n| {
        format!("{KAFKA}[kafka.options]\n{}{PIPELINE}", lines(n, |at| format!("'fetch.min.bites.{at}' = 1\n")))
    });
    is_linear("missing secrets", 1000, |n| {
        let options = lines(n, |at| format!("'client.id' = {{ env = 'WEIR_NOT_{at}' }}\n[[z]]\n"));
        format!("{KAFKA}[kafka.options]\n{options}{PIPELINE}")
    });
    is_linear("members below a long key", 1000, |n| {
        let members = lines(n, |at| format!("a{at} = 1\n"));
        let key = "k".repeat(50 * n);
        format!(
            "{KAFKA}{PIPELINE}[[pipelines.a.interceptors]]\nplugin = 'nothing'\n[pipelines.a.interceptors.config.{key}]\n{members}"
        )
    });
}

#[test]
fn topics_cost_as_much_as_there_are() {
    let from = |n, name: fn(usize) -> String| {
        format!(
            "{KAFKA}[pipelines.a]\ngroup = 'g'\nto = 'y'\nfrom = [\n{}]\n",
            lines(n, |at| format!("'{}',\n", name(at)))
        )
    };
    is_linear("names", 5000, |n| from(n, |at| format!("topic-{at}")));
    is_linear("the same name", 5000, |n| from(n, |_| "x".to_owned()));
    is_linear("names that are none", 5000, |n| from(n, |at| format!("topic {at}")));
}

#[test]
fn pipelines_cost_as_much_as_there_are() {
    let pipeline = |at: usize, from: &str, group: &str, to: &str| {
        format!("[pipelines.p{at:05}]\nfrom = ['{from}']\ngroup = '{group}'\nto = '{to}'\n")
    };
    let number = |at: usize| at.to_string();
    is_linear("pipelines beside each other", 1000, |n| {
        KAFKA.to_owned() + &lines(n, |at| pipeline(at, "in", &number(at), "out"))
    });
    is_linear("pipelines in a row", 1000, |n| {
        KAFKA.to_owned() + &lines(n, |at| pipeline(at, &number(at), "g", &number(at + 1)))
    });
    is_linear("pipelines in a circle", 1000, |n| {
        KAFKA.to_owned() + &lines(n, |at| pipeline(at, &number(at), "g", &number((at + 1) % n)))
    });
    is_linear("pipelines that feed each other", 1000, |n| {
        KAFKA.to_owned() + &lines(n, |at| pipeline(at, "t", &number(at), "t"))
    });
    is_linear("pipelines that take from each other", 1000, |n| {
        KAFKA.to_owned() + &lines(n, |at| pipeline(at, "in", "g", "out"))
    });
    is_linear("pipelines in two files", 500, |n| {
        let mut text = KAFKA.to_owned();
        for at in 0..n {
            write!(text, "{}[pipelines.p{at:05}.batch]\nrecords = 0\n", pipeline(at, "in", "g", "out")).unwrap();
        }
        text
    });
}

#[test]
fn interceptors_cost_as_much_as_there_are() {
    is_linear("interceptors without a name", 1000, |n| {
        let interceptor = "[[pipelines.a.interceptors]]\nplugin = 'header-router'\n";
        format!("{KAFKA}{PIPELINE}{}", lines(n, |_| interceptor.to_owned()))
    });
    is_linear("interceptors that are not there", 1000, |n| {
        let interceptor = |at| format!("[[pipelines.a.interceptors]]\nplugin = 'header-routr{at}'\n");
        format!("{KAFKA}{PIPELINE}{}", lines(n, interceptor))
    });
}

#[test]
fn of_very_many_mistakes_some_are_shown_and_the_others_counted() {
    let unknown = lines(20_000, |at| format!("unknown_{at} = 1\n"));
    let mistakes = load_text(&format!("{KAFKA}{PIPELINE}{unknown}")).unwrap_err();
    assert_eq!(mistakes.count(), 20_000);
    assert_eq!(mistakes.listed().len(), Mistakes::LISTED);
    let told = mistakes.render(false);
    assert!(told.ends_with("\n  × and 19700 more mistakes\n"), "{}", &told[told.len() - 200..]);
}

#[test]
fn of_a_very_long_line_the_part_with_the_mistake_is_shown() {
    let long = "x".repeat(100_000);
    let before = format!("a = '{long}', ");
    let text = format!("{KAFKA}{PIPELINE}batch = {{ {before}recods = 1, b = '{long}' }}\n");
    let told = load_text(&text).unwrap_err().render(false);
    assert!(told.len() < 5_000, "{} bytes", told.len());
    assert!(
        told.contains(&format!("[folder/weir.toml:7:{}]", "batch = { ".len() + before.len() + 1))
            || told.contains(":7:"),
        "{told}"
    );
    assert!(told.contains("recods = 1, b = 'xxx") && told.contains("did you mean `records`?"), "{told}");
}
