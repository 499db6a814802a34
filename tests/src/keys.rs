//! A broker's certificate, a client's, and those who vouch for them, made by the JDK's keytool and kept in `target/kafka`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Opens the key stores.
pub const WORD: &str = "of-the-tests";

/// The subject of the client's certificate.
pub const CLIENT: &str = "CN=weir,O=Example";

/// Stands where they were made. Another word here makes them anew.
const MADE: &str = "broker and client";

/// Where things lie.
#[derive(Debug)]
pub struct Keys {
    /// The broker's key and certificate, made out to `localhost`, PKCS#12; see [`WORD`].
    pub store: PathBuf,
    /// A client's key and certificate, made out to [`CLIENT`], PKCS#12; see [`WORD`].
    pub client: PathBuf,
    /// The authority that signed both, PEM.
    pub authority: PathBuf,
    /// Another authority that signed neither, PEM.
    pub other_authority: PathBuf,
}

/// Makes what is not there yet. They are good for ten years and are made anew with the folder.
pub fn ready(home: &Path) -> Keys {
    let folder = home.join("keys");
    let keys = Keys {
        store: folder.join("broker.p12"),
        client: folder.join("client.p12"),
        authority: folder.join("authority.pem"),
        other_authority: folder.join("other_authority.pem"),
    };
    // Test binaries may run side by side: only one of them makes keys.
    let lock = fs::File::create(home.join("keys.lock")).expect("a lock file");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("the lock");
    let done = folder.join("made");
    if fs::read_to_string(&done).is_ok_and(|made| made == MADE) {
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
    sign(&folder, "broker", "CN=localhost", &["-ext", "SAN=dns:localhost,ip:127.0.0.1"]);
    sign(&folder, "client", CLIENT, &[]);
    fs::write(done, MADE).expect("a file");
    keys
}

/// Makes a key, and a certificate of it with these `extensions` that the authority signed, in a store of this name.
fn sign(folder: &Path, name: &str, subject: &str, extensions: &[&str]) {
    let [store, request, certificate] = ["p12", "csr", "pem"].map(|kind| format!("{name}.{kind}"));
    keytool(folder, &store, &["-genkeypair", "-alias", name, "-dname", subject]);
    keytool(folder, &store, &["-certreq", "-alias", name, "-file", &request]);
    let how = ["-gencert", "-alias", "authority", "-rfc", "-infile", &request, "-outfile", &certificate];
    keytool(folder, "authority.p12", &[&how[..], extensions].concat());
    for (alias, file) in [("authority", "authority.pem"), (name, &certificate)] {
        keytool(folder, &store, &["-importcert", "-noprompt", "-alias", alias, "-file", file]);
    }
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
