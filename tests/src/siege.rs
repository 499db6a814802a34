//! Clients of the admin API that sit there or mean harm, and come back a second after they were sent away.

use std::{
    io::{self, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Clients that connect and say nothing.
pub const IDLE: usize = 200;
/// Clients that misbehave, each kind as often.
pub const HOSTILE: usize = 50;
/// Between two looks at each of them.
const PAUSE: Duration = Duration::from_millis(100);
/// From when a client is sent away until it comes back: how many connections stand is what is tried, not how fast they come.
const AWAY: Duration = Duration::from_secs(1);
/// What a client with a huge request sends at a time.
const CHUNK: [u8; 16 << 10] = [b'x'; 16 << 10];

/// What a client does.
#[derive(Clone, Copy, Debug)]
enum Habit {
    /// Nothing.
    Idle,
    /// Sends its headers a byte at a time.
    Slow,
    /// Sends a header without an end.
    HugeHeader,
    /// Sends a body without an end.
    HugeBody,
    /// Ends its half of the connection within a request.
    HalfClosed,
    /// Speaks another protocol.
    Nonsense,
}

const HABITS: [Habit; 5] = [Habit::Slow, Habit::HugeHeader, Habit::HugeBody, Habit::HalfClosed, Habit::Nonsense];

#[derive(Debug)]
struct Client {
    habit: Habit,
    stream: Option<TcpStream>,
    /// Until then it does not come back.
    away_until: Instant,
}

impl Client {
    /// Connects where it is not, or goes on. Returns whether it connected.
    fn act(&mut self, address: SocketAddr) -> io::Result<bool> {
        if let Some(stream) = &mut self.stream {
            let is_open = matches!(stream.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
            if is_open {
                match self.habit {
                    Habit::Slow => stream.write_all(b"x")?,
                    // As much as there is room for.
                    Habit::HugeHeader | Habit::HugeBody => drop(stream.write(&CHUNK)),
                    Habit::Idle | Habit::HalfClosed | Habit::Nonsense => {}
                }
                return Ok(false);
            }
        }
        let now = Instant::now();
        if self.stream.take().is_some() {
            self.away_until = now + AWAY;
        }
        if now < self.away_until {
            return Ok(false);
        }
        self.away_until = now + AWAY;
        let mut stream = TcpStream::connect(address)?;
        stream.set_nonblocking(true)?;
        let body =
            format!("POST /pipelines/nobody/pause HTTP/1.1\r\nHost: {address}\r\nContent-Length: 999999999999\r\n\r\n");
        let opening: &[u8] = match self.habit {
            Habit::Idle => b"",
            Habit::Slow | Habit::HugeHeader => b"GET /status HTTP/1.1\r\nX: ",
            Habit::HugeBody => body.as_bytes(),
            Habit::HalfClosed => b"GET /status HT",
            Habit::Nonsense => b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        };
        stream.write_all(opening)?;
        if matches!(self.habit, Habit::HalfClosed) {
            stream.shutdown(Shutdown::Write)?;
        }
        self.stream = Some(stream);
        Ok(true)
    }
}

/// [`IDLE`] and [`HOSTILE`] clients, until it is stopped or dropped.
#[derive(Debug)]
pub struct Siege {
    end: Sender<()>,
    made: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Siege {
    /// Begins.
    pub fn start(address: SocketAddr) -> Self {
        let (end, ended) = mpsc::channel();
        let hostile = HABITS.into_iter().cycle().take(HOSTILE);
        let habits = std::iter::repeat_n(Habit::Idle, IDLE).chain(hostile);
        let mut clients: Vec<Client> =
            habits.map(|habit| Client { habit, stream: None, away_until: Instant::now() }).collect();
        let made = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&made);
        let thread = thread::spawn(move || {
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                for client in &mut clients {
                    // Whom the server has just sent away, or does not let in, tries again the next time.
                    match client.act(address) {
                        Ok(connected) => _ = count.fetch_add(u64::from(connected), Ordering::Relaxed),
                        Err(_) => client.stream = None,
                    }
                }
            }
        });
        Self { end, made, thread }
    }

    /// How many connections it has made so far.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Ends it. Returns how many connections it made.
    pub fn stop(self) -> u64 {
        drop(self.end);
        self.thread.join().expect("the siege");
        self.made.load(Ordering::Relaxed)
    }
}
