//! A real Apache Kafka for the tests of this process.

mod guarded;

use std::{
    fs,
    io::Read,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    Oracle, child_process,
    jars::{self, Jars},
};
use guarded::Guard;
pub use guarded::{Guarded, PASSWORD, USER};

/// A broker and its oracle.
#[derive(Debug)]
pub struct Broker {
    /// `host:port` for clients that need not say who they are.
    pub address: String,
    /// The Java client beside it.
    pub oracle: Oracle,
    /// None where the cluster is somebody else's.
    own: Option<Own>,
}

/// How Java runs the broker.
#[derive(Clone, Copy, Debug)]
enum Mode {
    /// Compiled soon and simply, with little memory: for tests that last seconds.
    Quick,
    /// As Kafka's own script starts it. Compiled simply a broker takes twice the CPU time, which it shares with what is
    /// measured, and with a small heap it stands still again and again to collect garbage.
    Production,
}

impl Mode {
    /// Returns arguments of the Java machine.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Quick => &["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
            Self::Production => &[
                "-server",
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseG1GC",
                "-XX:MaxGCPauseMillis=20",
                "-XX:InitiatingHeapOccupancyPercent=35",
                "-XX:+ExplicitGCInvokesConcurrent",
            ],
        }
    }
}

/// A broker that we started.
#[derive(Debug)]
struct Own {
    mode: Mode,
    dir: PathBuf,
    java: Mutex<Child>,
}

impl Broker {
    /// The one broker that all tests of this process share, started for the first that asks; or the cluster that
    /// `WEIR_TEST_BROKERS` names.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Broker> = OnceLock::new();
        SHARED.get_or_init(|| Self::given_or_own(Mode::Quick))
    }

    /// The same for benchmarks: a broker that runs as in production.
    pub fn measured() -> &'static Self {
        static MEASURED: OnceLock<Broker> = OnceLock::new();
        MEASURED.get_or_init(|| Self::given_or_own(Mode::Production))
    }

    fn given_or_own(mode: Mode) -> Self {
        let Ok(address) = std::env::var("WEIR_TEST_BROKERS") else { return Self::start(mode) };
        let oracle = Oracle::start(&jars::ready(), &address);
        Self { address, oracle, own: None }
    }

    /// A broker of the caller's own, to be broken. It ends with [`Broker::kill`], or with this process.
    pub fn own() -> Self {
        Self::start(Mode::Quick)
    }

    fn start(mode: Mode) -> Self {
        let jars = jars::ready();
        let (ports, own) = start(&jars, None, mode);
        let address = open(ports);
        let oracle = Oracle::start(&jars, &address);
        Self { address, oracle, own: Some(own) }
    }

    /// The broker's process; none where the cluster is somebody else's.
    pub fn process(&self) -> Option<u32> {
        self.own.as_ref().map(|own| own.java.lock().expect("the broker").id())
    }

    /// Sends the broker's process a signal, such as one that lets it stand still. Only for an own broker.
    pub fn signal(&self, signal: Signal) {
        let pid = self.process().and_then(|pid| Pid::from_raw(pid as i32)).expect("an own broker");
        kill_process(pid, signal).expect("a signal");
    }

    /// Waits until nothing is left on disk of topics that were deleted: a broker removes their files in the background. Does not
    /// wait where the cluster is somebody else's.
    pub fn await_removal(&self, topics: &[String]) {
        let Some(own) = &self.own else { return };
        let end = Instant::now() + Duration::from_secs(60);
        let is_left = |folder: &str| topics.iter().any(|topic| folder.starts_with(topic));
        while folders(&own.dir.join("data")).iter().any(|folder| is_left(folder)) {
            assert!(Instant::now() < end, "files of deleted topics are left");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// kill -9. Only for an own broker.
    pub fn kill(&self) {
        let mut java = self.own.as_ref().expect("an own broker").java.lock().expect("the broker");
        java.kill().expect("a signal");
        java.wait().expect("its end");
    }

    /// kill -9, and starts it again on what it has written; returns when it serves. Only for an own broker.
    pub fn restart(&self) {
        self.kill();
        let own = self.own.as_ref().expect("an own broker");
        // What the one before said in it must not be taken for what the next one says.
        fs::remove_file(log(&own.dir)).expect("its log");
        let mut java = own.java.lock().expect("the broker");
        *java = child_process::spawn(self::java(&jars::ready(), &own.dir, own.mode)).expect("java starts");
        await_ready(&own.dir, &mut java).unwrap_or_else(|log| panic!("Kafka did not start again:\n{log}"));
    }
}

/// Names of what stands in a folder.
fn folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the broker's data").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Where everybody may enter.
fn open(ports: Ports) -> String {
    format!("127.0.0.1:{}", ports.clients)
}

/// Where a broker listens: an open one for clients and at its controller, a guarded one everywhere.
#[derive(Clone, Copy, Debug)]
struct Ports {
    clients: u16,
    controller: u16,
    sasl: u16,
    tls: u16,
    sasl_tls: u16,
    mutual_tls: u16,
}

/// Starts one and waits until it serves; its ports. It ends with this process. With a guard it has guarded listeners as
/// well.
fn start(jars: &Jars, guard: Option<&Guard>, mode: Mode) -> (Ports, Own) {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    forget_old_runs(&jars.home);
    for _ in 0..10 {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let dir = jars.home.join(format!("run-{}-{number}", std::process::id()));
        fs::create_dir_all(&dir).expect("a folder for the broker");
        let ports = free_ports();
        fs::write(dir.join("server.properties"), properties(&dir, ports, guard)).expect("server.properties");
        format_storage(jars, &dir);
        let mut child = child_process::spawn(java(jars, &dir, mode)).expect("java starts; the tests need a JDK 17");
        match await_ready(&dir, &mut child) {
            Ok(()) => return (ports, Own { mode, dir, java: Mutex::new(child) }),
            // Between our look and its own, somebody else took a port.
            Err(log) if log.contains("Address already in use") => continue,
            Err(log) => panic!("Kafka did not start:\n{log}"),
        }
    }
    panic!("no free ports for Kafka after ten attempts");
}

/// Ports below the range that the system hands out for outgoing connections: there a probe can meet itself.
fn free_ports() -> Ports {
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    let mut base = 20_000 + ((seed / 1000 + std::process::id()) % 1_600) as u16 * 6;
    loop {
        if (base..base + 6).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return Ports {
                clients: base,
                controller: base + 1,
                sasl: base + 2,
                tls: base + 3,
                sasl_tls: base + 4,
                mutual_tls: base + 5,
            };
        }
        base = if base > 31_000 { 20_000 } else { base + 6 };
    }
}

fn properties(dir: &Path, ports: Ports, guard: Option<&Guard>) -> String {
    let Ports { clients, controller, .. } = ports;
    let guarded = guard.map(|_| Guard::listeners(ports)).unwrap_or_default();
    let how = guard.map(Guard::properties).unwrap_or_default();
    let protocols = guarded::PROTOCOLS;
    format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{clients},CONTROLLER://127.0.0.1:{controller}{guarded}
advertised.listeners=PLAINTEXT://127.0.0.1:{clients}{guarded}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,{protocols}
log.dirs={}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.heartbeat.interval.ms=200
broker.session.timeout.ms=9000
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.min.heartbeat.interval.ms=200
group.consumer.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=2097152
log.segment.bytes=67108864
log.segment.delete.delay.ms=1000
log.retention.check.interval.ms=5000
log.message.timestamp.after.max.ms=9223372036854775807
num.network.threads=1
num.io.threads=2
{how}",
        dir.display()
    )
}

fn format_storage(jars: &Jars, dir: &Path) {
    let mut java = Command::new("java");
    java.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]);
    java.args(["-cp", &jars.class_path, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c"]);
    let output = java.arg(dir.join("server.properties")).stdin(Stdio::null()).output().expect("java starts");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "Kafka's storage: {}", String::from_utf8_lossy(&said));
}

fn java(jars: &Jars, dir: &Path, mode: Mode) -> Command {
    let mut java = child_process::command("java");
    java.args(mode.arguments()).args(["-cp", &jars.class_path]);
    java.arg(format!("-Dorg.slf4j.simpleLogger.logFile={}", log(dir).display()));
    java.args(["-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"]);
    java.arg("kafka.Kafka").arg(dir.join("server.properties"));
    let crash = fs::File::create(dir.join("java.err")).expect("a file");
    java.stdin(Stdio::null()).stdout(Stdio::null()).stderr(crash);
    java
}

fn log(dir: &Path) -> PathBuf {
    dir.join("broker.log")
}

/// Waits for the log line; the error is the log's end.
fn await_ready(dir: &Path, child: &mut Child) -> Result<(), String> {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let text = fs::read_to_string(log(dir)).unwrap_or_default();
        if text.contains("Kafka Server started") {
            return Ok(());
        }
        let gone = child.try_wait().expect("the broker's state").is_some();
        if gone || Instant::now() > end {
            let _ = child.kill();
            let _ = child.wait();
            let mut crash = String::new();
            let _ = fs::File::open(dir.join("java.err")).and_then(|mut file| file.read_to_string(&mut crash));
            let tail: Vec<&str> = text.lines().rev().take(40).collect();
            return Err(format!("{}\n{crash}", tail.into_iter().rev().collect::<Vec<_>>().join("\n")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Removes the data of runs that have ended.
fn forget_old_runs(home: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let pid = name.strip_prefix("run-").and_then(|rest| rest.split('-').next());
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
