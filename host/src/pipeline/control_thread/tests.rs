#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::*;

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(20);

/// What a pipeline did.
#[derive(Debug, PartialEq, Eq)]
enum Did {
    Listen,
    Work,
    End,
    Stop(String),
}

/// What a pipeline finds to do when it listens.
enum Find {
    Nothing,
    /// Something that takes until the sender has sent or is gone, once.
    Work(Receiver<()>),
    /// The same, and it is the end.
    End(Receiver<()>),
    Panic,
}

struct Fake {
    name: &'static str,
    finds: Receiver<Find>,
    found: Option<Find>,
    did: Sender<(Did, String)>,
    is_dropped: Arc<AtomicBool>,
}

/// A test's side of it.
struct Handle {
    finds: Sender<Find>,
    did: Receiver<(Did, String)>,
    is_dropped: Arc<AtomicBool>,
}

fn fake(name: &'static str) -> (Fake, Handle) {
    let ((find, finds), (tell, did)) = (channel(), channel());
    let is_dropped = Arc::new(AtomicBool::new(false));
    let fake = Fake { name, finds, found: None, did: tell, is_dropped: Arc::clone(&is_dropped) };
    (fake, Handle { finds: find, did, is_dropped })
}

impl Fake {
    fn tell(&self, did: Did) {
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        let _ = self.did.send((did, thread));
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.is_dropped.store(true, Ordering::Release);
    }
}

impl Serve for Fake {
    fn name(&self) -> &str {
        self.name
    }

    fn listen(&mut self) -> bool {
        self.tell(Did::Listen);
        match self.finds.try_recv().unwrap_or(Find::Nothing) {
            Find::Nothing => false,
            Find::Panic => panic!("asked to"),
            found => {
                self.found = Some(found);
                true
            }
        }
    }

    fn work(mut self: Box<Self>) -> Option<Box<dyn Serve>> {
        match self.found.take() {
            Some(Find::Work(until)) => {
                let _ = until.recv();
                self.tell(Did::Work);
            }
            Some(Find::End(until)) => {
                let _ = until.recv();
                self.tell(Did::End);
                return None;
            }
            _ => std::thread::sleep(TICK),
        }
        Some(self)
    }

    fn on_panic(&self, thread: &str) -> OnPanic {
        let (did, thread) = (self.did.clone(), thread.to_owned());
        Box::new(move |words| drop(did.send((Did::Stop(words.to_owned()), thread))))
    }
}

impl Handle {
    /// Waits until the pipeline does this, in that thread.
    #[track_caller]
    fn does(&self, what: &Did, thread: &str) {
        let until = Instant::now() + LONG;
        loop {
            let (did, by) = self.did.recv_timeout(until.saturating_duration_since(Instant::now())).unwrap();
            if did == *what && by == thread {
                return;
            }
        }
    }

    #[track_caller]
    fn is_dropped(&self) {
        let until = Instant::now() + LONG;
        while !self.is_dropped.load(Ordering::Acquire) {
            assert!(Instant::now() < until, "it is still there");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn a_pipeline_that_blocks_holds_no_other_up_and_comes_back_when_it_is_quiet() {
    let control = ControlThread::start().unwrap();
    let ((one, blocked), (two, other)) = (fake("one"), fake("two"));
    control.serve(one);
    control.serve(two);
    let (go_on, until) = channel();
    blocked.finds.send(Find::Work(until)).unwrap();
    blocked.does(&Did::Listen, NAME);
    for _ in 0..3 {
        other.does(&Did::Listen, NAME);
    }
    go_on.send(()).unwrap();
    blocked.does(&Did::Work, "one-control");
    blocked.does(&Did::Listen, "one-control");
    blocked.does(&Did::Listen, NAME);
}

#[test]
fn pipelines_end_at_the_same_time_and_the_thread_with_the_last() {
    let (home, arrivals) = channel();
    let thread = std::thread::spawn(move || serve_quiet(&arrivals));
    let control = ControlThread { home };
    let ((one, first), (two, last)) = (fake("one"), fake("two"));
    control.serve(one);
    control.serve(two);
    drop(control);
    let (go_on, until) = channel();
    first.finds.send(Find::End(until)).unwrap();
    last.finds.send(Find::End(channel().1)).unwrap();
    last.does(&Did::End, "two-control");
    go_on.send(()).unwrap();
    first.does(&Did::End, "one-control");
    thread.join().unwrap();
    first.is_dropped();
    last.is_dropped();
}

#[test]
fn a_panic_stops_the_pipeline_that_was_served_and_no_other() {
    let control = ControlThread::start().unwrap();
    let ((one, broken), (two, other)) = (fake("one"), fake("two"));
    control.serve(one);
    control.serve(two);
    broken.finds.send(Find::Panic).unwrap();
    broken.does(&Did::Stop("asked to".to_owned()), NAME);
    broken.is_dropped();
    for _ in 0..3 {
        other.does(&Did::Listen, NAME);
    }
    // The same in a thread of its own.
    other.finds.send(Find::Work(channel().1)).unwrap();
    other.finds.send(Find::Panic).unwrap();
    other.does(&Did::Stop("asked to".to_owned()), "two-control");
    other.is_dropped();
    let (three, another) = fake("three");
    control.serve(three);
    another.does(&Did::Listen, NAME);
}
