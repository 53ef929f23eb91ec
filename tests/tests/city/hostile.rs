//! Hostile input on every parameter of every endpoint: a clear 4xx, never a panic or a 500.

use urbis_tests::City;

/// Path, expected status. `{}` stands for each hostile value below.
const PARAMETERS: [&str; 44] = [
    "/tiles/{}",
    "/tiles/building,{}",
    "/tiles/{}/14/13117/7460",
    "/tiles/building/{}/13117/7460",
    "/tiles/building/14/{}/7460",
    "/tiles/building/14/13117/{}",
    "/styles/{}",
    "/sprites/{}",
    "/fonts/{}/0-255.pbf",
    "/fonts/Be%20Vietnam%20Pro%20Regular/{}",
    "/nearest/{}?lon=108.2&lat=16.06",
    "/nearest/building?lon={}&lat=16.06",
    "/nearest/building?lon=108.2&lat={}",
    "/nearest/building?lon=108.2&lat=16.06&limit={}",
    "/nearest/building?lon=108.2&lat=16.06&within_m={}",
    "/at?lon={}&lat=16.06",
    "/at?lon=108.2&lat={}",
    "/at?lon=108.2&lat=16.06&on={}",
    "/nearest/emergency_place?lon=108.2&lat=16.06&limit={}",
    "/assets/{}",
    "/route?from={}&to=108.22,16.06",
    "/route?from=108.22,16.06&to=108.21,16.06&profile={}",
    "/route?from=108.22,16.06&to=108.21,16.06&alternatives={}",
    "/route?from=108.22,16.06&to=108.21,16.06&lang={}",
    "/reach?lon=108.22&lat={}",
    "/reach?lon=108.22&lat=16.06&minutes={}",
    "/reach?lon=108.22&lat=16.06&direction={}",
    "/nearest/emergency_place?lon=108.2&lat=16.06&by={}",
    "/route?from=108.22,16.06&to={}",
    "/route?from=108.22,16.06&to=108.21,16.06&at={}",
    "/reach?lon={}&lat=16.06",
    "/reach?lon=108.22&lat=16.06&profile={}",
    "/reach?lon=108.22&lat=16.06&at={}",
    "/dispatch/candidates?lon={}&lat=16.06",
    "/dispatch/candidates?lon=108.22&lat={}",
    "/dispatch/candidates?lon=108.22&lat=16.06&accuracy_m={}",
    "/dispatch/candidates?lon=108.22&lat=16.06&service={}",
    "/dispatch/candidates?lon=108.22&lat=16.06&profile={}",
    "/dispatch/candidates?lon=108.22&lat=16.06&limit={}",
    "/dispatch/candidates?lon=108.22&lat=16.06&at={}",
    "/live/units?bbox={}",
    "/live/units?agency={}",
    "/live/units?status={}",
    "/live/events?bbox={}",
];

const HOSTILE: [&str; 24] = [
    "-1.",
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "181e3",
    "18446744073709551616",
    "99999999999999999999999999999999999999",
    "0x10",
    "1;DROP%20TABLE%20layer.building",
    "%27%20OR%201=1--",
    "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "%00",
    "%ff%fe",
    "%E2%80%AE",
    "building%0d%0aSet-Cookie:x=1",
    "admin_unitt",
    "Building",
    "%F0%9F%92%A9",
    "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,a1,b1,c1,d1,e1,f1,g1,h1",
    "%7B%7D",
    "null",
];

const WHOLE: [&str; 51] = [
    "/nothing",
    "/tiles",
    "/tiles/",
    "/tiles/building/14/13117",
    "/tiles/building/14/13117/7460/5",
    "/tiles/building/14/13117/7460.png",
    "/tiles/building/14/16384/0",
    "/tiles/building/23/0/0",
    "/tiles/building/14/13117/7460?unknown=1",
    "/tiles/building?tile=1",
    "/nearest/building",
    "/nearest/building?lon=108.2",
    "/nearest/building?lon=108.2&lat=16.06&lon=1",
    "/nearest/building?lon=108.2&lat=16.06&limt=3",
    "/nearest/building?lon=108.2&lat=91",
    "/nearest/building?lon=108.2&lat=16.06&limit=0",
    "/nearest/building?lon=108.2&lat=16.06&limit=1000000",
    "/nearest/building?lon=&lat=",
    "/at",
    "/at?lon=108.2&lat=16.06&on=x&off=y",
    "/at?lon=108.2&lat=16.06&on=2025-02-30",
    "/at?lon=108.2&lat=16.06&on=2025-6-1",
    "/at?lon=108.2&lat=16.06&on=30/06/2025",
    "/at?lon=108.2&lat=16.06&on=2025-06-30T12:00:00",
    "/at?lon=108.2&lat=16.06&on=2025-06-30T12:00:60Z",
    "/at?lon=108.2&lat=16.06&on=",
    "/at?lon=108.2&lat=16.06&on=2025-06-30&on=2025-07-01",
    "/tiles/traffic_signal/14/13117/7460",
    "/tiles/signal/14/13117/7460",
    "/layers?f=xml",
    "/health/ready?x=1",
    "/dispatch",
    "/dispatch/candidates",
    "/dispatch/candidates?lon=108.22",
    "/dispatch/candidates?lon=108.22&lat=91",
    "/dispatch/candidates?lon=108.22&lat=16.06&lon=108.22",
    "/dispatch/candidates?lon=108.22&lat=16.06&units=1",
    "/dispatch/candidates?lon=108.22&lat=16.06&limit=101",
    "/dispatch/candidates?lon=108.22&lat=16.06&accuracy_m=5001",
    "/dispatch/candidates?lon=108.22&lat=16.06&capability=als,,neonatal",
    "/live/units?bbox=108.3,16,108.1,15",
    "/live/units?bbox=1,2,3,4&bbox=1,2,3,4",
    "/live/units?class=restricted",
    "/live/events?units=yes",
    "/live/events?layers=nothing",
    "/live/events?units=true&units=true",
    "/route",
    "/route?from=108.22,16.06&to=108.21,16.06&from=108.22,16.06",
    "/route?from=0,0&to=0,1",
    "/reach?lon=108.22&lat=16.06&minutes=61",
    "/network/report?class=restricted",
];

/// Answered by 400 or 401, and never repeated.
const HOSTILE_KEYS: [&str; 12] = [
    "Bearer",
    "Bearer ",
    "Bearer abcdefghij",
    "Bearer urbis_abcdefghij_",
    "Bearer urbis_abcdefghij_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "Bearer urbis_abcdefghij_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA extra",
    "Basic",
    "Basic abcdefghij",
    "Basic !!!!",
    "Basic dXNlcjphYmNkZWZnaGlq",
    "Digest username=abcdefghij",
    "urbis_abcdefghij_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
];

#[test]
fn hostile_input_is_refused_with_what_to_mend() {
    let city = City::start();
    for parameter in PARAMETERS {
        for value in HOSTILE {
            refuse(&city, "GET", &parameter.replace("{}", value));
        }
        let long = "9".repeat(5_000);
        refuse(&city, "GET", &parameter.replace("{}", &long));
    }
    for path in WHOLE {
        refuse(&city, "GET", path);
    }
    for authorization in HOSTILE_KEYS {
        let answer = city.request("GET", "/layers", &[("Authorization", authorization)]);
        assert!(matches!(answer.status, 400 | 401), "{authorization}: {}", answer.status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(!answer.text().contains("abcdefghij"), "{authorization}: {}", answer.text());
    }
    let key = city.key("restricted");
    let write = [("Authorization", format!("Bearer {key}"))];
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let write = write.each_ref().map(|(name, value)| (*name, value.as_str()));
        for path in ["/layers", "/at?lon=1&lat=1", "/nearest/building", "/tiles/building/1/1/1"] {
            assert_eq!(city.request(method, path, &write).status, 405, "{method} {path}");
        }
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        let answer = refuse(&city, method, "/tiles/building");
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.header("allow").is_some_and(|allow| allow.contains("GET")), "{method}");
    }
    assert_eq!(city.fetch("/health/ready").status, 200);
}

fn refuse(city: &City, method: &str, path: &str) -> urbis_tests::Answer {
    let answer = city.request(method, path, &[]);
    let shown = path.chars().take(120).collect::<String>();
    assert!((400..500).contains(&answer.status), "{method} {shown}: {}", answer.status);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{method} {shown}");
    let problem = answer.json();
    for member in ["title", "code", "detail", "hint"] {
        let text = problem[member].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{method} {shown}: no {member} in {problem}");
    }
    assert_eq!(problem["status"], answer.status, "{method} {shown}");
    answer
}
