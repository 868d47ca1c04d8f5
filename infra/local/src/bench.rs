//! `cargo local bench`: how big the packages are, and what it costs to start each function: processor and wall time from
//! the start of its process to the moment it first asks for an event.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::cloud::{Call, Target};
use crate::stack::{self, Stack};
use crate::template::{self, Function};
use crate::tools::Tools;
use crate::{console, package};

const DEADLINE: Duration = Duration::from_secs(20);

/// One start.
#[derive(Clone, Copy, Debug)]
struct Start {
    cpu: Duration,
    wall: Duration,
}

/// Prints sizes and starts, of what is packed, with the settings of the running stack.
///
/// # Errors
/// The stack does not run, or a function does not start.
pub fn run(stack: &Stack, runs: u32) -> anyhow::Result<()> {
    let tools = Tools::ready()?;
    let target = Target::local(stack);
    target.outputs(&tools)?;
    let functions = template::functions()?;
    for binary in template::binaries(&functions) {
        let info = package::build_info(&binary);
        let field = |name: &str| info.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned();
        let bootstrap = fs::metadata(package::dir(&binary).join("bootstrap"))
            .with_context(|| format!("{binary} is not packed; run `cargo local package`"))?;
        console::say(format_args!(
            "{binary:<16} bootstrap {:>6.1} MB, all {:>6.1} MB  ({} build, {})",
            package::megabytes(bootstrap.len()),
            package::megabytes(size(&package::dir(&binary))),
            field("profile"),
            field("architecture"),
        ));
    }
    console::say(format_args!("\nprocess start to first /next, median of {runs} (least, most):"));
    for function in &functions {
        let settings = settings(&target, &tools, function)?;
        let starts: anyhow::Result<Vec<Start>> = (0..runs).map(|_| start(function, &settings, stack)).collect();
        let starts = starts.with_context(|| format!("{} does not start", function.suffix))?;
        let cpu = spread(starts.iter().map(|start| start.cpu));
        let wall = spread(starts.iter().map(|start| start.wall));
        console::say(format_args!("{:<16} CPU {cpu}   wall {wall}", function.suffix));
    }
    Ok(())
}

fn spread(times: impl Iterator<Item = Duration>) -> String {
    let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_unstable_by(f64::total_cmp);
    let at = |index: usize| times.get(index).copied().unwrap_or_default();
    format!("{:>6.1} ms ({:.1}, {:.1})", at(times.len() / 2), at(0), at(times.len().saturating_sub(1)))
}

/// The environment that a deployed function has.
fn settings(target: &Target, tools: &Tools, function: &Function) -> anyhow::Result<Vec<(String, String)>> {
    let name = format!("{}-{}", target.name(), function.suffix);
    let call = Call::new("lambda", "get_function_configuration", json!({"FunctionName": name}));
    let answer = target.call_one(tools, call)?;
    let variables = answer.pointer("/Environment/Variables").and_then(Value::as_object);
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    Ok(variables.into_iter().flatten().filter_map(text).collect())
}

fn start(function: &Function, settings: &[(String, String)], stack: &Stack) -> anyhow::Result<Start> {
    let api = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot open a port")?;
    let address = api.local_addr().context("cannot open a port")?;
    let dir = package::dir(&function.binary);
    let mut command = Command::new(dir.join("bootstrap"));
    command
        .current_dir(&dir)
        .env_clear()
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", format!("{}-{}", stack::NAME, function.suffix))
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
        .env("LAMBDA_TASK_ROOT", &dir)
        .env("AWS_ENDPOINT_URL", stack.endpoint())
        .env("AWS_REGION", stack::REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let asked = first_request(&api, &mut child);
    let wall = started.elapsed();
    let cpu = cpu_time(child.id());
    drop(child.kill());
    child.wait().context("cannot wait for a process")?;
    asked?;
    Ok(Start { cpu: cpu.context("cannot read a process's processor time")?, wall })
}

/// Waits for the function's first request, which should ask for an event.
fn first_request(api: &TcpListener, child: &mut Child) -> anyhow::Result<()> {
    api.set_nonblocking(true).context("cannot wait on a port")?;
    let started = Instant::now();
    let stream = loop {
        if let Ok((stream, _)) = api.accept() {
            break stream;
        }
        if let Some(status) = child.try_wait().context("cannot wait for a process")? {
            bail!("it ended at once: {status}");
        }
        if started.elapsed() > DEADLINE {
            bail!("it asked for nothing in {}", console::span(DEADLINE));
        }
        std::thread::sleep(Duration::from_micros(200));
    };
    stream.set_nonblocking(false).context("cannot read from a port")?;
    stream.set_read_timeout(Some(DEADLINE)).context("cannot read from a port")?;
    let mut reader = BufReader::new(&stream);
    let mut line = String::new();
    reader.read_line(&mut line).context("it broke off its request")?;
    if line.contains("/runtime/invocation/next") {
        return Ok(());
    }
    // It reports why it cannot work.
    swallow((&stream).write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    let mut rest = String::new();
    swallow(reader.take(4096).read_to_string(&mut rest).map(drop));
    bail!("it says: {}", rest.lines().last().unwrap_or(&line));
}

fn swallow(result: std::io::Result<()>) {
    drop(result);
}

/// What all threads of a process have spent on a processor.
fn cpu_time(pid: u32) -> Option<Duration> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let spent = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Some(Duration::from_nanos(spent.sum()))
}

fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_before_the_extremes() {
        let times = [30, 10, 20].map(Duration::from_millis);
        assert_eq!(spread(times.into_iter()), "  20.0 ms (10.0, 30.0)");
    }

    #[test]
    fn a_process_that_ends_at_once_is_no_start() {
        let api = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut child = Command::new("true").spawn().unwrap();
        assert!(first_request(&api, &mut child).unwrap_err().to_string().contains("ended at once"));
    }

    #[test]
    fn processor_time_is_read() {
        assert!(cpu_time(std::process::id()).unwrap() > Duration::ZERO);
    }
}
