//! A running service, and the texts that the tests post.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A process that takes longer than this, on any machine, hangs. It is killed, so that the test that waits
/// for it fails under its name.
const HANGS: Duration = Duration::from_secs(300);

/// A running `heartstrings serve`. Dropping it kills the process.
pub struct Server {
    process: Child,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    client: reqwest::Client,
    // Removed when the last server on it goes.
    _owned: Option<tempfile::TempDir>,
}

impl Server {
    /// Starts on an empty store.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts on an empty store, with more arguments.
    pub fn start_with(arguments: &[&str]) -> Self {
        let owned = tempfile::tempdir().unwrap();
        let folder = owned.path().to_owned();
        let mut server = Self::start_on(&folder, arguments);
        server._owned = Some(owned);
        server
    }

    /// Starts on the store in `folder`, with more arguments, and waits for the line that says
    /// that it listens.
    pub fn start_on(folder: &Path, arguments: &[&str]) -> Self {
        Self::spawn(command(folder, arguments))
    }

    /// Starts what [`command`] has made, and waits for the line.
    pub fn spawn(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let line = first_line(&mut process);
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("the service did not start; it printed {line:?}"))
            .to_owned();
        Self::running(process, url)
    }

    /// A process that serves at this address already.
    pub fn running(process: Child, url: String) -> Self {
        let client = reqwest::Client::builder().timeout(HANGS).build().unwrap();
        Self { process, url, client, _owned: None }
    }

    /// A request to a path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// GET, as status and JSON.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// POST of a JSON body, as status and JSON.
    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        read(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    /// Posts a review and gives what is stored.
    pub async fn review(&self, subject: &str, text: &str) -> Value {
        let (status, body) =
            self.post("/v1/reviews", &json!({"subject": subject, "text": text})).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body
    }

    /// DELETE, as status.
    pub async fn delete(&self, path: &str) -> StatusCode {
        self.request(Method::DELETE, path).send().await.unwrap().status()
    }

    /// Id of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Memory of the process in RAM.
    pub fn resident_bytes(&self) -> usize {
        let path = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
    }

    /// Sends a signal to the process: TERM, INT or KILL.
    pub fn signal(&self, name: &str) {
        let signal = match name {
            "TERM" => Signal::TERM,
            "INT" => Signal::INT,
            "KILL" => Signal::KILL,
            other => panic!("no test sends {other}"),
        };
        send_signal(self.id(), signal).unwrap();
    }

    /// Waits for the process to end; gives what it wrote to standard error, if that is piped.
    pub fn wait_with_log(mut self) -> (ExitStatus, String) {
        let _ends = killed_if_it_hangs(self.id());
        let mut log = String::new();
        if let Some(mut error) = self.process.stderr.take() {
            error.read_to_string(&mut log).unwrap();
        }
        (self.process.wait().unwrap(), log)
    }

    /// Waits for the process to end.
    pub fn wait(self) -> ExitStatus {
        self.wait_with_log().0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which is fine.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first line that a process prints; empty when it ends without one.
pub fn first_line(process: &mut Child) -> String {
    let _ends = killed_if_it_hangs(process.id());
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line
}

fn send_signal(id: u32, signal: Signal) -> rustix::io::Result<()> {
    let id = Pid::from_raw(id.try_into().unwrap()).unwrap();
    kill_process(id, signal)
}

/// Kills a process that hangs, unless the result is dropped before.
pub fn killed_if_it_hangs(id: u32) -> Sender<()> {
    let (dropped, waiting) = channel();
    std::thread::spawn(move || {
        if waiting.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout) {
            eprintln!("process {id} has hung for {HANGS:?}, and is killed");
            // It may have ended in this very moment.
            let _ = send_signal(id, Signal::KILL);
        }
    });
    dropped
}

/// `heartstrings serve` on a free port with the store in `folder`.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        // Those who want another log, or a floor for the disk, say so: flags beat these.
        // How many files a machine allows is nobody's failure, and would be said by every service.
        .env("HEARTSTRINGS_LOG", "warn,heartstrings_http::server::connections=error")
        .env("HEARTSTRINGS_FREE_DISK_MIB", "0")
        // The same numbers on every machine; those who want another format say so.
        .env("HEARTSTRINGS_PRECISION", "fp32")
        .arg("--store")
        .arg(format!("sled:{}", folder.display()))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Status and JSON of a response; null for an empty body.
pub async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    let body = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"))
    };
    (status, body)
}

/// The pointers of a validation problem.
pub fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

/// A number in a JSON document.
pub fn number(body: &Value, pointer: &str) -> f64 {
    let found = body.pointer(pointer).and_then(Value::as_f64);
    found.unwrap_or_else(|| panic!("no number at {pointer} in {body}"))
}

/// Copies of a text one after the other, whose sentences are numbered: one that repeats an earlier one would not
/// be read again.
pub fn copies(text: &str, times: usize) -> String {
    let copy = |number: usize| text.replace(". ", &format!(" {number}. ")) + &format!(" {number} ");
    (0..times).map(copy).collect()
}

/// A rave about a film that made its writer cry.
pub const RAVE: &str = "I loved every minute of this film and I cried like a child at the end. \
    The father is wonderful, his daughter even more so, and when they are parted my heart broke. \
    Sad, tender, funny and beautiful: one of the best films I have ever seen. I adore it!";

/// Someone is furious.
pub const RANT: &str = "This is the worst company I have ever dealt with! They stole my money, \
    they lied to me on the phone, and nobody apologised. I am absolutely furious. Disgusting, \
    horrible, never again!";

/// Plain facts.
pub const NOTE: &str = "The parcel arrived on Tuesday. The box contains two cables, a charger \
    and a manual. The cable is one metre long.";

/// What happens in a sad film, told without an opinion.
pub const SYNOPSIS: &str = "A man is sent to prison for the murder of a girl. His daughter is \
    smuggled into the cell by the other inmates. Years later she becomes a lawyer and the case is \
    heard again in court.";

/// A long plot, told without an opinion.
pub const PLOT: &str = "The film opens in a village by the sea, where a girl lives with her father \
    and sells fish at the market. Her father is accused of a theft that he did not commit and is \
    taken away by two policemen. For weeks she walks to the prison every morning and waits at the \
    gate. In the cell he carves small animals out of soap for the other men, who first beat him \
    and then protect him. The trial lasts a single afternoon, and the judge does not look at him \
    once. When the girl is brought in hidden in a bread cart, the whole cell falls silent. A \
    guard finds her on the third night and says nothing. In spring her father is moved to another \
    town, and the girl is sent to an aunt who keeps a hotel by the station. She washes sheets, \
    learns to read timetables, and writes a letter every Sunday. Twenty years later a woman in a \
    black coat steps off a train and asks for the archive of the court.";
