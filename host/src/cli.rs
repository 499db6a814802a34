//! The command line: arguments in, exit status out.
//!
//! Results go to standard output, everything else to standard error. Each command stands in a file of its own and
//! returns an [`Outcome`]; a configuration's mistakes travel as an error and end in status 78.

mod capture;
mod check;
mod completions;
mod dev;
mod findings;
mod generations;
mod import;
mod init;
mod logging;
mod plan_text;
mod plugin;
mod plugins;
mod remote;
mod replay;
mod run;
mod schema;
mod set_up;

use std::{
    io::{IsTerminal, Write},
    sync::LazyLock,
    time::Duration,
};

use clap::{CommandFactory as _, Parser, Subcommand, error::ErrorKind};

use crate::{app::PreflightError, config::Mistakes, kafka, threads, wasm};

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well: 0.
    Done,
    /// Something failed or differs, and has been said: 1.
    Different,
    /// The configuration is wrong, and that has been said: 78.
    Misconfigured,
}

static LONG_VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{}\n{}\n{}", env!("CARGO_PKG_VERSION"), wasm::ENGINE, kafka::librdkafka()));

const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;
const USAGE: u8 = 2;
/// `EX_CONFIG` of sysexits.h.
const CONFIGURATION: u8 = 78;

/// A gateway between Kafka topics that runs sandboxed WebAssembly interceptors over every record.
#[derive(Debug, Parser)]
#[command(name = "weir", version, long_version = LONG_VERSION.as_str(), disable_help_subcommand = true)]
struct Arguments {
    #[command(flatten)]
    logging: logging::Arguments,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Arguments),
    Dev(dev::Arguments),
    Check(check::Arguments),
    Replay(replay::Arguments),
    Capture(capture::Arguments),
    Generations(generations::Arguments),
    Import(import::Arguments),
    Init(init::Arguments),
    Plugins(plugins::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Plugin(plugin::Arguments),
    Status(remote::Status),
    Reload(remote::Reload),
    Pause(remote::Pause),
    Resume(remote::Resume),
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
struct ConfigArgument {
    /// The configuration: a file, or a directory whose *.toml are read together.
    #[arg(short = 'c', long = "config", value_name = "PATH")]
    config: std::path::PathBuf,
}

/// How long the other threads may take to settle after one panicked that the process cannot do without.
const AFTER_PANIC: Duration = Duration::from_secs(4);

/// Reads the arguments, does what they say, and ends the process with the exit status.
pub fn main() -> ! {
    if std::env::args_os().nth(1).is_some_and(|first| first == set_up::COMPILE_PLUGIN) {
        threads::end_process(wasm::serve_compiler());
    }
    threads::log_panics();
    threads::end_process_on_panic(AFTER_PANIC);
    threads::end_process(run())
}

fn run() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // Where nobody listens, the status still says it.
            let _ = error.print();
            return if help { SUCCESS } else { USAGE };
        }
    };
    if let Err(error) = arguments.logging.init() {
        say(&format!("error: {error:#}\n"));
        return USAGE;
    }
    let outcome = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Dev(arguments) => dev::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Capture(arguments) => capture::run(&arguments),
        Command::Generations(arguments) => generations::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Plugins(arguments) => plugins::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Plugin(arguments) => plugin::run(&arguments),
        Command::Status(arguments) => arguments.run(),
        Command::Reload(arguments) => arguments.run(),
        Command::Pause(arguments) => arguments.run(),
        Command::Resume(arguments) => arguments.run(),
    };
    match outcome {
        Ok(Outcome::Done) => SUCCESS,
        Ok(Outcome::Different) => FAILURE,
        Ok(Outcome::Misconfigured) => CONFIGURATION,
        Err(error) => failed(&error),
    }
}

/// An error for arguments that clap takes and that make no sense.
fn usage(message: String) -> anyhow::Error {
    Arguments::command().error(ErrorKind::ValueValidation, message).into()
}

/// Says why, and returns the status that belongs to it.
fn failed(error: &anyhow::Error) -> u8 {
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        // Where nobody listens, the status still says it.
        let _ = usage.print();
        return USAGE;
    }
    let Some(mistakes) = error.downcast_ref::<Mistakes>() else {
        if let Some(PreflightError::Missing { mistakes, .. }) = error.downcast_ref() {
            findings::tell(mistakes);
        }
        findings::tell_error(&format!("{error:#}"));
        return if import::is_of_file(error) { CONFIGURATION } else { FAILURE };
    };
    findings::tell(mistakes);
    let denied = if mistakes.is_empty() { ", and --deny-warnings lets none pass" } else { "" };
    findings::tell_end(&format!("{} in the configuration{denied}", mistakes.counts()));
    CONFIGURATION
}

/// Whether people look at standard error and like colours.
fn is_coloured() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes to standard error, for people.
fn say(text: &str) {
    // There is nobody left to tell where this fails.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
