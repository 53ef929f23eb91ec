//! What becomes of a file whose client leaves, whose maker dies, which is too large, or is one too
//! many.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use urbis_tests::{City, psql, synthetic_database, wait_for};

use super::{address, unfinished, whole_city};

/// The processes that make files for a node.
fn makers(city: &City) -> Vec<String> {
    let output = Command::new("pgrep").args(["-P", &city.process_id().to_string()]).output();
    let output = output.expect("pgrep starts");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// Sends the head of a request and leaves the answer where it is.
fn ask(city: &City, path: &str) -> TcpStream {
    let address = city.base.trim_start_matches("http://");
    let mut client = TcpStream::connect(address).expect("the node listens");
    write!(client, "GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").expect("the node reads");
    client
}

#[test]
fn a_client_that_leaves_ends_the_work_and_a_killed_maker_is_no_half_file() {
    let mut city = City::serve(synthetic_database());
    assert_eq!(unfinished(&city), 0);
    let client = ask(&city, "/ogc/download?f=gpkg");
    wait_for("the work to begin", || (makers(&city).len() == 1).then_some(()));
    assert_eq!(unfinished(&city), 1);
    drop(client);
    wait_for("the work to end", || makers(&city).is_empty().then_some(()));
    wait_for("the folder to be empty", || (unfinished(&city) == 0).then_some(()));

    city.announce("a file is not made");
    city.announce("making a file failed");
    let answer = std::thread::scope(|scope| {
        let asking = scope.spawn(|| whole_city(&city));
        let maker = wait_for("the work to begin", || makers(&city).pop());
        assert!(Command::new("kill").args(["-KILL", &maker]).status().is_ok_and(|it| it.success()));
        asking.join().expect("the node answers")
    });
    assert_eq!((answer.status, &answer.json()["code"]), (500, &"internal".into()));
    assert_eq!(unfinished(&city), 0);
    // The node is as well as before.
    assert_eq!(whole_city(&city).status, 200);
    assert_eq!(unfinished(&city), 0);
}

#[test]
fn a_file_too_large_and_one_too_many_are_refused() {
    let options = ["--download-max-mb", "1", "--downloads-at-once", "1"];
    let city = City::serve_with(synthetic_database(), &options);
    for format in ["gpkg", "shp"] {
        let answer = city.fetch(&address("admin_unit", format));
        let problem = answer.json();
        assert_eq!((answer.status, &problem["code"]), (400, &"download_too_large".into()));
        assert!(problem["hint"].as_str().is_some_and(|hint| hint.contains("fgb")), "{problem}");
    }
    assert_eq!(unfinished(&city), 0);
    // What is streamed has no such limit.
    let streamed = city.fetch(&address("admin_unit", "fgb"));
    assert!(streamed.status == 200 && streamed.body.len() > 1 << 20);

    let client = ask(&city, &address("parcel", "gpkg"));
    wait_for("the work to begin", || (makers(&city).len() == 1).then_some(()));
    let busy = city.fetch(&address("bus_stop", "gpkg"));
    assert_eq!((busy.status, &busy.json()["code"]), (503, &"downloads_busy".into()));
    assert_eq!(busy.header("retry-after"), Some("30"));
    drop(client);
    wait_for("the place to be free", || {
        (city.fetch(&address("bus_stop", "gpkg")).status == 200).then_some(())
    });
    wait_for("the folder to be empty", || (unfinished(&city) == 0).then_some(()));
}

/// A stream that cannot go on ends its connection: no client takes a part for the whole.
#[test]
fn a_stream_whose_database_dies_is_cut_and_never_ended() {
    let database = synthetic_database();
    // More than all that lies between the database and the client holds.
    psql(
        &database,
        "INSERT INTO layer.parcel (parcel_id, geom, source) \
         SELECT parcel_id || '-' || n, geom, source FROM layer.parcel, generate_series(1, 8) AS n",
    );
    let mut city = City::serve(database);
    for line in ["features cannot be read", "reading features", "database"] {
        city.announce(line);
    }
    let name = city.psql("SELECT current_database()");
    let admin = city.database_url.replace(&name, "postgres");
    let allow = |whether: bool| {
        psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {whether}"));
    };
    let all =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    for format in ["geojson", "csv", "fgb"] {
        let mut client = ask(&city, &address("parcel", format));
        let mut first = vec![0; 4096];
        client.read_exact(&mut first).expect("the answer begins");
        allow(false);
        psql(&admin, &all);
        let mut rest = Vec::new();
        // The end of a connection that is cut may be an error, too.
        drop(client.read_to_end(&mut rest));
        assert!(!rest.ends_with(b"0\r\n\r\n"), "{format} was ended as if it were whole");
        allow(true);
        let path = address("bus_stop", format);
        wait_for("the database to be back", || (city.fetch(&path).status == 200).then_some(()));
    }
}
