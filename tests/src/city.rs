//! A running node over a fresh copy of the bundled city.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use urbis_cluster::TemporaryCluster;

use crate::http::{Answer, request};
use crate::{psql, wait_for};

/// The workspace's folder.
pub static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").into()
});

/// One cluster a test process; it removes itself when the process ends.
static CLUSTER: LazyLock<TemporaryCluster> =
    LazyLock::new(|| TemporaryCluster::start().expect("a cluster for the tests starts"));

/// Databases that are copied for each test: the bundled city, and the same with all that is made up.
static OBSERVED: LazyLock<String> = LazyLock::new(|| template(&[]));
static WITH_SYNTHETIC: LazyLock<String> = LazyLock::new(|| template(&["--with-synthetic"]));

fn template(options: &[&str]) -> String {
    let url = CLUSTER.create_database();
    run_urbis(&["migrate", "--database-url", &url]);
    let city = ROOT.join("data/danang");
    let city = city.to_str().expect("the workspace's path is UTF-8");
    let import = ["import", "--city", city, "--database-url", &url];
    run_urbis(&[&import, options].concat());
    psql(&url, "SELECT current_database()")
}

/// The command `urbis`, run in the workspace's folder.
///
/// # Panics
///
/// When the binary has not been built.
pub fn urbis() -> Command {
    let mut folder = std::env::current_exe().expect("a test knows its own path");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let binary = folder.join("urbis");
    assert!(binary.exists(), "{} is missing: run 'cargo build -p urbis-cli'", binary.display());
    let mut command = Command::new(binary);
    command.current_dir(&*ROOT).stdin(Stdio::null()).env_remove("DATABASE_URL");
    command
}

fn run_urbis(args: &[&str]) -> String {
    let output = urbis().args(args).output().expect("urbis starts");
    assert!(output.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("urbis prints UTF-8")
}

/// URL of a fresh, empty database with PostGIS.
pub fn empty_database() -> String {
    CLUSTER.create_database()
}

/// URL of a fresh database that holds the bundled city.
pub fn bundled_database() -> String {
    copy_of(&OBSERVED)
}

/// URL of a fresh database that holds the bundled city and all that is made up.
pub fn synthetic_database() -> String {
    copy_of(&WITH_SYNTHETIC)
}

fn copy_of(template: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("city_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    // One copy at a time: a template must have no other user.
    static COPYING: Mutex<()> = Mutex::new(());
    let _copying = COPYING.lock().expect("no copy panics");
    psql(&CLUSTER.url("postgres"), &format!("CREATE DATABASE {name} TEMPLATE {template}"));
    CLUSTER.url(&name)
}

/// A running `urbis serve`.
#[derive(Debug)]
pub struct City {
    node: Option<Child>,
    /// `http://127.0.0.1:port`
    pub base: String,
    /// Database of the node.
    pub database_url: String,
    layers: PathBuf,
    /// What live writers sent lies here from one start to the next.
    spool: tempfile::TempDir,
    downloads: tempfile::TempDir,
    options: Vec<String>,
    log: Arc<Mutex<Vec<String>>>,
    announced: Vec<&'static str>,
}

impl City {
    /// Starts a node on a fresh copy of the bundled city and waits until it is ready.
    pub fn start() -> Self {
        Self::serve(bundled_database())
    }

    /// Starts a node on a database and waits until it is ready.
    pub fn serve(database_url: String) -> Self {
        Self::serve_layers(database_url, ROOT.join("layers"))
    }

    /// Starts a node with layer files of its own and waits until it is ready.
    pub fn serve_layers(database_url: String, layers: PathBuf) -> Self {
        Self::serve_so(database_url, layers, &[])
    }

    /// Starts a node with some more flags and waits until it is ready.
    pub fn serve_with(database_url: String, options: &[&str]) -> Self {
        Self::serve_so(database_url, ROOT.join("layers"), options)
    }

    fn serve_so(database_url: String, layers: PathBuf, options: &[&str]) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut city = Self {
            node: None,
            base: String::new(),
            database_url,
            layers,
            spool: tempfile::tempdir().expect("a folder for the spool"),
            downloads: tempfile::tempdir().expect("a folder for downloads"),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            log,
            announced: Vec::new(),
        };
        city.start_node();
        city
    }

    /// Log lines with this text are expected.
    pub fn announce(&mut self, text: &'static str) {
        self.announced.push(text);
    }

    /// Stops the node and starts another on the same database; its address may change.
    pub fn restart(&mut self) {
        self.stop_node();
        self.start_node();
    }

    fn start_node(&mut self) {
        let mut node = urbis()
            .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &self.database_url])
            .arg("--layers")
            .arg(&self.layers)
            .arg("--spool-dir")
            .arg(self.spool.path())
            .arg("--downloads-dir")
            .arg(self.downloads.path())
            .args(&self.options)
            .env("NO_COLOR", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("urbis starts");
        let stderr = BufReader::new(node.stderr.take().expect("stderr is piped"));
        let log = Arc::clone(&self.log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                log.lock().expect("no holder panics").push(line);
            }
        });
        let stdout = BufReader::new(node.stdout.take().expect("stdout is piped"));
        let mut lines = stdout.lines().map_while(Result::ok);
        let address =
            lines.find_map(|line| line.split_once("http://").map(|(_, rest)| rest.to_owned()));
        let address = address.unwrap_or_else(|| panic!("no address printed\n{}", self.log_text()));
        self.base = format!("http://{}", address.trim_end().trim_end_matches('/'));
        // Whoever closes the pipe early would break the node's own prints.
        std::thread::spawn(move || lines.for_each(drop));
        self.node = Some(node);
        wait_for("the node to be ready", || {
            (self.fetch("/health/ready").status == 200).then_some(())
        });
    }

    fn stop_node(&mut self) {
        let Some(mut node) = self.node.take() else { return };
        let stopped = Command::new("kill").args(["-TERM", &node.id().to_string()]).status();
        assert!(stopped.is_ok_and(|status| status.success()), "the node was gone already");
        let status = node.wait().expect("the node can be waited for");
        assert!(status.success(), "the node ended with {status}\n{}", self.log_text());
    }

    /// GET without compression.
    pub fn fetch(&self, path: &str) -> Answer {
        self.request("GET", path, &[])
    }

    /// Runs `urbis` on the node's database and gives what it prints.
    pub fn urbis(&self, args: &[&str]) -> String {
        run_urbis(&[args, &["--database-url", &self.database_url]].concat())
    }

    /// Kills the node as a power cut would, and leaves all that it wrote.
    pub fn kill_node(&mut self) {
        let Some(mut node) = self.node.take() else { return };
        node.kill().expect("the node was there");
        node.wait().expect("the node can be waited for");
    }

    /// Starts a node again after [`Self::kill_node`].
    pub fn start_again(&mut self) {
        self.start_node();
    }

    /// A new key that may read up to a level.
    pub fn key(&self, level: &str) -> String {
        self.key_for(level, &["read"])
    }

    /// A new key of a level with some scopes, that of reading among them.
    pub fn key_for(&self, level: &str, scopes: &[&str]) -> String {
        let scopes = scopes.iter().flat_map(|scope| ["--scope", *scope]);
        let asked: Vec<&str> =
            ["key", "create", "--level", level, "--json"].into_iter().chain(scopes).collect();
        let issued = self.urbis(&asked);
        let issued: serde_json::Value = serde_json::from_str(&issued).expect("the key in JSON");
        let key = issued["key"].as_str().expect("a key").to_owned();
        wait_for("the key to reach the node", || {
            (self.fetch_with(&key, "/health/ready").status == 200).then_some(())
        });
        key
    }

    /// GET with a key.
    pub fn fetch_with(&self, key: &str, path: &str) -> Answer {
        self.request("GET", path, &[("Authorization", &format!("Bearer {key}"))])
    }

    /// Any request.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        request(method, &format!("{}{path}", self.base), headers, &[])
    }

    /// POST of a body with a key.
    pub fn post(&self, key: &str, path: &str, media_type: &str, body: &str) -> Answer {
        let headers = [("Authorization", &*format!("Bearer {key}")), ("Content-Type", media_type)];
        request("POST", &format!("{}{path}", self.base), &headers, body.as_bytes())
    }

    /// Runs SQL in the node's database.
    pub fn psql(&self, sql: &str) -> String {
        psql(&self.database_url, sql)
    }

    /// The revision that the node is at.
    pub fn revision(&self) -> u64 {
        let ready = self.fetch("/health/ready").json();
        ready["revision"].as_u64().unwrap_or_else(|| panic!("no revision in {ready}"))
    }

    /// Runs SQL that changes the city and waits until the node has seen it.
    pub fn edit(&self, sql: &str) {
        let before = self.revision();
        self.psql(sql);
        wait_for("the edit to reach the node", || (self.revision() > before).then_some(()));
    }

    /// Where the node keeps files that are made to be downloaded.
    pub fn downloads_dir(&self) -> &Path {
        self.downloads.path()
    }

    /// The process of the node.
    pub fn process_id(&self) -> u32 {
        self.node.as_ref().expect("the node runs").id()
    }

    /// The log so far.
    pub fn log_text(&self) -> String {
        self.log.lock().expect("no holder panics").join("\n")
    }
}

impl Drop for City {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Some(mut node) = self.node.take() {
                drop(node.kill());
                drop(node.wait());
            }
            return;
        }
        self.stop_node();
        let log = self.log.lock().expect("no holder panics");
        let unexpected: Vec<&String> = log
            .iter()
            .filter(|line| line.contains(" WARN ") || line.contains("ERROR "))
            .filter(|line| !self.announced.iter().any(|text| line.contains(text)))
            .collect();
        assert!(unexpected.is_empty(), "the log holds {unexpected:#?}");
    }
}
