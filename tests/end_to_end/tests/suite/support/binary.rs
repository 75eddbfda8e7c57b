//! Where the `victor` binary is.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The binary under test: `VICTOR_BIN`, or the workspace's own, built when it is first asked for.
pub(crate) fn victor() -> &'static Path {
    static VICTOR: LazyLock<PathBuf> =
        LazyLock::new(|| env::var_os("VICTOR_BIN").map_or_else(built, PathBuf::from));
    &VICTOR
}

/// Builds the binary in the profile and the target folder of the running test, which lies at
/// `<target>/<profile>/deps/`.
fn built() -> PathBuf {
    let test = env::current_exe().expect("the test knows its own path");
    let folder = test.ancestors().nth(2).expect("a test lies in <target>/<profile>/deps");
    let target = folder.parent().expect("the profile's folder is in the target folder");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => panic!("{} is no profile's folder", folder.display()),
    };
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .args(["build", "--offline", "--quiet", "--package", "victor-cli", "--bin", "victor"])
        .args(["--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .output()
        .expect("cargo runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    folder.join("victor")
}
