//! Who listens at the functions' fault points and says what happens there: on they go, or they are killed, held up, or
//! made to panic.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use crate::history::{Event, History};

/// A process at a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The process.
    pub pid: u32,
    /// Its function.
    pub function: String,
    /// The point.
    pub point: String,
    /// The event, delivery or invocation with which it did.
    pub about: String,
}

impl Reached {
    /// Whether this is that point of that function.
    pub fn is(&self, function: &str, point: &str) -> bool {
        self.function == function && self.point == point
    }
}

/// What happens to it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing.
    Go,
    /// It dies: SIGKILL.
    Kill,
    /// It goes on after this time.
    Hold(Duration),
    /// It panics.
    Panic,
}

/// The first so many times that the function reaches the point, this; else nothing.
pub fn first(mut times: usize, function: &'static str, point: &'static str, act: Act) -> impl FnMut(&Reached) -> Act {
    move |reached| {
        if times == 0 || !reached.is(function, point) {
            return Act::Go;
        }
        times -= 1;
        act
    }
}

/// Decides what happens at a point.
type Judge = Box<dyn FnMut(&Reached) -> Act + Send>;

#[derive(Default)]
struct Inner {
    judge: Mutex<Option<Judge>>,
    /// Processes that are to be killed, and at which of their next points.
    doomed: Arc<Mutex<BTreeMap<u32, u32>>>,
}

/// The listener; it lives as long as this value.
pub struct FaultPoints {
    /// `127.0.0.1:port`, for the functions' environment.
    pub address: String,
    inner: Arc<Inner>,
    accepting: AbortHandle,
}

impl fmt::Debug for FaultPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultPoints").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for FaultPoints {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl FaultPoints {
    /// Listens; everything goes on until something else is asked for.
    pub async fn listen(history: History) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Inner::default());
        let deciding = Arc::clone(&inner);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(meet(stream, Arc::clone(&deciding), history.clone()));
            }
        });
        Self { address, inner, accepting: accepting.abort_handle() }
    }

    /// From now on this decides what happens.
    pub fn befall(&self, judge: impl FnMut(&Reached) -> Act + Send + 'static) {
        *self.inner.judge.lock().unwrap() = Some(Box::new(judge));
    }

    /// From now on everything goes on.
    pub fn calm(&self) {
        *self.inner.judge.lock().unwrap() = None;
        self.inner.doomed.lock().unwrap().clear();
    }

    /// Where functions note which of their processes are doomed.
    pub fn doomed(&self) -> Arc<Mutex<BTreeMap<u32, u32>>> {
        Arc::clone(&self.inner.doomed)
    }
}

impl Inner {
    fn decide(&self, reached: &Reached) -> Act {
        if self.is_up(reached) {
            return Act::Kill;
        }
        self.judge.lock().unwrap().as_mut().map_or(Act::Go, |judge| judge(reached))
    }

    /// Whether a doomed process has come to its end: at the point that was drawn, at the latest before its answer.
    fn is_up(&self, reached: &Reached) -> bool {
        let mut doomed = self.doomed.lock().unwrap();
        let Some(left) = doomed.get_mut(&reached.pid) else { return false };
        *left -= 1;
        let up = *left == 0 || reached.point == "before_ack";
        if up {
            doomed.remove(&reached.pid);
        }
        up
    }
}

async fn meet(stream: TcpStream, inner: Arc<Inner>, history: History) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    if stream.read_line(&mut line).await.is_err() {
        // The process died on the way here.
        return;
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut word = || words.next().unwrap_or_default();
    let Ok(pid) = word().parse() else { return };
    let reached = Reached { pid, function: word(), point: word(), about: word() };
    let act = inner.decide(&reached);
    let Reached { pid, function, point, about } = reached;
    history.note(Event::Reached { pid, function, point, about, act: format!("{act:?}") });
    let answer = match act {
        Act::Go => "go\n",
        Act::Panic => "panic\n",
        Act::Hold(time) => {
            tokio::time::sleep(time).await;
            "go\n"
        }
        Act::Kill => {
            let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
            // It waits at this connection, so the process with this id is still the one that asked.
            kill_process(pid, Signal::KILL).unwrap();
            return;
        }
    };
    // It may have been killed meanwhile.
    drop(stream.write_all(answer.as_bytes()).await);
}
