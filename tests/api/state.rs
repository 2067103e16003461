//! The state folder: keys and the control socket outside the store's folder.

use crate::helpers::{NOTE, Server, command};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a command of the binary on the store in `data`, with a state folder.
fn run(data: &Path, state: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartstrings"));
    command.args(arguments).arg("--store").arg(format!("sled:{}", data.display()));
    command.arg("--state").arg(state).output().unwrap()
}

/// The reviews of a backup that a running service makes.
fn backed_up(data: &Path, state: &Path) -> usize {
    let output = run(data, state, &["backup", "--to", "-"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().count() - 2
}

#[tokio::test]
async fn commands_and_service_meet_in_the_state_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (data, state) = (folder.path().join("data"), folder.path().join("deep/state"));
    let arguments = ["--state", state.to_str().unwrap()];
    let mut starting = command(&data, &arguments);
    starting.stderr(Stdio::piped());
    let server = Server::spawn(starting);
    server.review("film", NOTE).await;
    // The database is open, so only the service can give this.
    assert_eq!(backed_up(&data, &state), 1);
    let socket = state.join("control.sock");
    assert!(socket.exists() && !data.join("control.sock").exists());
    assert_eq!(std::fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o700);

    // Another service neither takes the socket nor removes it.
    let other = Server::start_on(&folder.path().join("other"), &arguments);
    other.signal("TERM");
    assert!(other.wait().success());
    assert_eq!(backed_up(&data, &state), 1);

    let made = run(&data, &state, &["key", "create", "--role", "read", "--name", "shop"]);
    assert!(made.status.success());
    assert!(state.join("keys.json").exists() && !folder.path().join("data.keys.json").exists());
    server.signal("TERM");
    let (status, log) = server.wait_with_log();
    assert!(status.success());
    assert!(!socket.exists());
    // The other one has looked whether the socket is taken, which is nobody's fault.
    assert!(!log.contains("connection"), "{log}");
}
