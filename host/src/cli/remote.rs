//! `weir status`, `reload`, `pause` and `resume`: ask a running weir over its admin API.

mod table;

use std::{
    fmt::Write as _,
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use serde_json::Value;
use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider};

use super::{Outcome, say};

/// How long an answer may take: a reload answers when the plugins are compiled.
const ANSWER: Duration = Duration::from_secs(310);
const CONNECT: Duration = Duration::from_secs(5);
/// Between two looks.
const REFRESH: Duration = Duration::from_secs(1);
/// Bytes of an answer.
const ANSWER_BYTES: u64 = 64 << 20;

/// Where the running weir is.
#[derive(Debug, clap::Args)]
struct Target {
    /// The admin API of the running weir: `listen` in its [admin].
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9644")]
    admin: String,
}

/// Shows what a running weir does: its pipelines, where they stand, and the last reload. On a terminal every second anew,
/// until Ctrl-C.
#[derive(Debug, clap::Args)]
pub(super) struct Status {
    #[command(flatten)]
    target: Target,
    /// Print the whole answer as JSON.
    #[arg(long)]
    json: bool,
    /// Show it once and end, on a terminal too. Elsewhere it is shown once in any case.
    #[arg(long)]
    once: bool,
}

/// Has a running weir read its configuration again, and waits for what comes of it.
#[derive(Debug, clap::Args)]
pub(super) struct Reload {
    #[command(flatten)]
    target: Target,
    /// Bring the configuration back that served before, instead of reading the files; what they hold is refused until it changes.
    #[arg(long)]
    rollback: bool,
}

/// Stops a pipeline's reading until it is resumed; what is in flight is settled and committed.
#[derive(Debug, clap::Args)]
pub(super) struct Pause {
    #[command(flatten)]
    target: Target,
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pipeline: String,
}

/// Starts a pipeline again that was paused or has stopped, from its watermark.
#[derive(Debug, clap::Args)]
pub(super) struct Resume {
    #[command(flatten)]
    target: Target,
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pipeline: String,
}

impl Status {
    /// Fails where weir is not ready.
    pub(super) fn run(&self) -> anyhow::Result<Outcome> {
        let is_terminal = std::io::stdout().is_terminal();
        let colour = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let mut answer = self.ask()?;
        if self.json || self.once || !is_terminal {
            let text = if self.json { format!("{answer:#}\n") } else { table::of(&answer, None, colour) };
            print(&text)?;
            return Ok(if answer["ready"] == Value::Bool(true) { Outcome::Done } else { Outcome::Different });
        }
        let (mut before, mut asked) = (None, Instant::now());
        loop {
            let text = table::of(&answer, before.as_ref().map(|(old, seconds)| (old, *seconds)), colour);
            // From the top left corner; what an older and longer answer left is cleared.
            print(&format!("\x1b[H\x1b[J{text}\nevery second; Ctrl-C ends\n"))?;
            std::thread::sleep(REFRESH);
            let newer = self.ask()?;
            before = Some((std::mem::replace(&mut answer, newer), asked.elapsed().as_secs_f64()));
            asked = Instant::now();
        }
    }

    fn ask(&self) -> anyhow::Result<Value> {
        let (status, answer) = self.target.ask("GET", "/status")?;
        if status != 200 {
            bail!("{}", reason(&answer, status));
        }
        Ok(answer)
    }
}

impl Reload {
    pub(super) fn run(&self) -> anyhow::Result<Outcome> {
        let (status, answer) = self.target.ask("POST", if self.rollback { "/rollback" } else { "/reload" })?;
        let list = |key: &str| {
            let all = answer[key].as_array().into_iter().flatten().filter_map(Value::as_str);
            all.map(|one| format!("\n  {one}")).collect::<String>()
        };
        match answer["outcome"].as_str() {
            Some("applied") => {
                let digest = answer["digest"].as_str().unwrap_or_default();
                print(&format!("applied: generation {} serves, digest {digest}\n", answer["generation"]))?;
                let warnings = list("warnings");
                if !warnings.is_empty() {
                    say(&format!("with warnings:{warnings}\n"));
                }
            }
            Some("rolled-back") => print(&format!(
                "rolled back: generation {} is left, generation {} serves, digest {}\n",
                answer["left"],
                answer["generation"],
                answer["digest"].as_str().unwrap_or_default()
            ))?,
            Some("unchanged") => print("unchanged: nothing that records depend on has changed\n")?,
            Some("refused") => say(&format!("refused, the old generation goes on:{}\n", list("reasons"))),
            Some("restart-needed") => say(&format!(
                "these cannot change while weir runs; undo the change, or restart weir; the old generation goes on:{}\n",
                list("keys"),
            )),
            _ => bail!("{}", reason(&answer, status)),
        }
        Ok(if status == 200 { Outcome::Done } else { Outcome::Different })
    }
}

impl Pause {
    pub(super) fn run(&self) -> anyhow::Result<Outcome> {
        self.target.act(&self.pipeline, "pause")
    }
}

impl Resume {
    pub(super) fn run(&self) -> anyhow::Result<Outcome> {
        self.target.act(&self.pipeline, "resume")
    }
}

impl Target {
    fn act(&self, pipeline: &str, action: &str) -> anyhow::Result<Outcome> {
        let (status, answer) = self.ask("POST", &format!("/pipelines/{}/{action}", escaped(pipeline)))?;
        if status != 200 {
            bail!("{}", reason(&answer, status));
        }
        print(&format!("{pipeline}: {}\n", answer["outcome"].as_str().unwrap_or_default()))?;
        Ok(Outcome::Done)
    }

    /// Returns the status and the JSON of the answer.
    fn ask(&self, method: &str, path: &str) -> anyhow::Result<(u16, Value)> {
        let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(authorities()?).build();
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER))
            .timeout_connect(Some(CONNECT))
            .http_status_as_error(false)
            // Whoever stands between would be told the token.
            .proxy(None)
            .max_redirects(0)
            .tls_config(tls)
            .build();
        let agent = ureq::Agent::new_with_config(config);
        let url = format!("{}{path}", self.admin.trim_end_matches('/'));
        let mut request = ureq::http::Request::builder().method(method).uri(&url);
        if let Ok(token) = std::env::var("WEIR_ADMIN_TOKEN") {
            let token = token.trim();
            if token.contains(char::is_control) {
                bail!("WEIR_ADMIN_TOKEN is no token: it has more than one line");
            }
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let request = request.body(()).with_context(|| format!("`{url}` is no URL of an admin API"))?;
        let answer = agent.run(request);
        let mut answer = answer
            .with_context(|| format!("no weir answers at {} (`listen` in its [admin], or --admin URL)", self.admin))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_string()?;
        let json = serde_json::from_str(&text).with_context(|| format!("{url} is not weir's admin API"))?;
        Ok((status, json))
    }
}

/// Who may vouch for the admin API's certificate: those of the file that WEIR_ADMIN_CA names, else whom the system trusts.
fn authorities() -> anyhow::Result<RootCerts> {
    let Some(path) = std::env::var_os("WEIR_ADMIN_CA").filter(|path| !path.is_empty()) else {
        return Ok(RootCerts::PlatformVerifier);
    };
    let path = std::path::PathBuf::from(path);
    let text = std::fs::read(&path).with_context(|| format!("cannot read `{}` (WEIR_ADMIN_CA)", path.display()))?;
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(&text) {
        if let PemItem::Certificate(certificate) =
            item.with_context(|| format!("`{}` (WEIR_ADMIN_CA) is no PEM file", path.display()))?
        {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        bail!("`{}` (WEIR_ADMIN_CA) holds no certificate", path.display());
    }
    Ok(certificates.into())
}

/// A pipeline's name within a path.
fn escaped(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn reason(answer: &Value, status: u16) -> String {
    let why = answer["error"].as_str().unwrap_or("weir gives no reason");
    if status == 401 { format!("{why} (WEIR_ADMIN_TOKEN)") } else { format!("{why} (HTTP {status})") }
}

fn print(text: &str) -> std::io::Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes())
}
