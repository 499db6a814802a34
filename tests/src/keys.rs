//! A broker's certificate and those who vouch for it, made by the JDK's keytool and kept in `target/kafka`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Opens the key store.
pub const WORD: &str = "of-the-tests";

/// Where things lie.
#[derive(Debug)]
pub struct Keys {
    /// The broker's key and certificate, made out to `localhost`, PKCS#12; see [`WORD`].
    pub store: PathBuf,
    /// The authority that signed it, PEM.
    pub authority: PathBuf,
    /// Another authority that did not, PEM.
    pub other_authority: PathBuf,
}

/// Makes what is not there yet. They are good for ten years and are made anew with the folder.
pub fn ready(home: &Path) -> Keys {
    let folder = home.join("keys");
    let keys = Keys {
        store: folder.join("broker.p12"),
        authority: folder.join("authority.pem"),
        other_authority: folder.join("other_authority.pem"),
    };
    // Test binaries may run side by side: only one of them makes keys.
    let lock = fs::File::create(home.join("keys.lock")).expect("a lock file");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("the lock");
    let done = folder.join("made");
    if done.exists() {
        return keys;
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for name in ["authority", "other_authority"] {
        let pair = ["-genkeypair", "-alias", name, "-dname", &format!("CN={name} of the tests"), "-ext", "bc:c"];
        keytool(&folder, &format!("{name}.p12"), &pair);
        keytool(
            &folder,
            &format!("{name}.p12"),
            &["-exportcert", "-rfc", "-alias", name, "-file", &format!("{name}.pem")],
        );
    }
    keytool(&folder, "broker.p12", &["-genkeypair", "-alias", "broker", "-dname", "CN=localhost"]);
    keytool(&folder, "broker.p12", &["-certreq", "-alias", "broker", "-file", "broker.csr"]);
    let name = "SAN=dns:localhost,ip:127.0.0.1";
    let sign =
        ["-gencert", "-alias", "authority", "-ext", name, "-rfc", "-infile", "broker.csr", "-outfile", "broker.pem"];
    keytool(&folder, "authority.p12", &sign);
    for (alias, file) in [("authority", "authority.pem"), ("broker", "broker.pem")] {
        keytool(&folder, "broker.p12", &["-importcert", "-noprompt", "-alias", alias, "-file", file]);
    }
    fs::write(done, "").expect("a file");
    keys
}

fn keytool(folder: &Path, store: &str, arguments: &[&str]) {
    let mut command = Command::new("keytool");
    command.args(arguments).args(["-keystore", store, "-storetype", "PKCS12", "-storepass", WORD]);
    if matches!(arguments[0], "-genkeypair" | "-gencert") {
        command.args(["-validity", "3650"]);
    }
    if arguments[0] == "-genkeypair" {
        command.args(["-keyalg", "EC"]);
    }
    let output = command.current_dir(folder).stdin(Stdio::null()).output().expect("keytool; the tests need a JDK 17");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "keytool {arguments:?}: {}", String::from_utf8_lossy(&said));
}
