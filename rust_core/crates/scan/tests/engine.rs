//! The engine against real sockets on loopback.
#![allow(clippy::unwrap_used)] // a test ends where it fails

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use scan::{Options, PortSet, ProbeResult, Reason, Scan, Scanner, State, Targets};

fn targets(text: &str) -> Arc<Targets> {
    let mut targets = Targets::new(&PortSet::from_ports(&[1]), PortSet::from_ports(&[]));
    assert_eq!(targets.add(text, "test", 1), vec![]);
    Arc::new(targets)
}

fn all(mut scan: Scan) -> Vec<ProbeResult> {
    let mut results = Vec::new();
    while let Some(batch) = scan.next_batch(Duration::from_secs(1)).unwrap() {
        results.extend(batch);
    }
    results.sort_by_key(|result| result.index);
    results
}

fn scan_all(options: Options, text: &str) -> Vec<ProbeResult> {
    all(Scanner::new(options)
        .scan(targets(text), Vec::new(), &mut || true)
        .unwrap())
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[test]
fn open_and_closed_ports_are_told_apart() {
    let (_listener, port) = listener();
    let results = scan_all(Options::default(), &format!("127.0.0.1:1,{port}"));
    let said: Vec<_> = results
        .iter()
        .map(|r| (r.port, r.state, r.reason))
        .collect();
    assert_eq!(
        said,
        [
            (1, State::Closed, Reason::ConnRefused),
            (port, State::Open, Reason::SynAck)
        ]
    );
    assert!(
        results
            .iter()
            .all(|result| result.rtt_ns.is_some() && result.tries == 1)
    );
}

#[test]
fn every_probe_of_a_whole_port_range_has_one_result() {
    let results = scan_all(Options::default(), "127.0.0.1:-");
    assert_eq!(results.len(), 65_535);
    assert!(
        results
            .iter()
            .zip(0u64..)
            .all(|(result, index)| result.index == index)
    );
}

#[test]
fn a_self_connect_is_never_open() {
    // Scans of the ephemeral range meet a few; nothing but the listeners of others is open there.
    let before = scan_all(Options::default(), "127.0.0.1:32768-60999");
    let after = scan_all(Options::default(), "127.0.0.1:32768-60999");
    let open = |results: &[ProbeResult]| -> Vec<u16> {
        results
            .iter()
            .filter(|r| r.state == State::Open)
            .map(|r| r.port)
            .collect()
    };
    for port in open(&before)
        .into_iter()
        .filter(|port| open(&after).contains(port))
    {
        assert!(
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err(),
            "{port} is free"
        );
    }
}

#[test]
fn skipped_ranges_are_neither_probed_nor_reported() {
    let scan = Scanner::default()
        .scan(
            targets("127.0.0.1-4:1-10"),
            vec![(3, 12), (20, 29)],
            &mut || true,
        )
        .unwrap();
    let indexes: Vec<u64> = all(scan).iter().map(|result| result.index).collect();
    let expected: Vec<u64> = (0..3).chain(13..20).chain(30..40).collect();
    assert_eq!(indexes, expected);
}

#[test]
fn a_network_skipped_but_for_its_end_starts_there_at_once() {
    let targets = targets("127.0.0.0/8:1-1000");
    let last = targets.probes() - 1;
    let started = Instant::now();
    let results = all(Scanner::default()
        .scan(targets, vec![(0, last - 5)], &mut || true)
        .unwrap());
    assert_eq!(results.len(), 5);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn exclusions_are_not_probed() {
    let mut targets = Targets::new(&PortSet::from_ports(&[1, 2]), PortSet::from_ports(&[2]));
    targets.add("127.0.0.0/29 localhost", "test", 1);
    assert_eq!(targets.exclude("127.0.0.2-5, LOCALHOST.", true), vec![]);
    let results = all(Scanner::default()
        .scan(Arc::new(targets), Vec::new(), &mut || true)
        .unwrap());
    let hosts: Vec<_> = results
        .iter()
        .map(|r| (r.address.unwrap().to_string(), r.port))
        .collect();
    // localhost is 127.0.0.1 too, so that the address is left out as well.
    let expected = [("127.0.0.0", 1), ("127.0.0.6", 1), ("127.0.0.7", 1)];
    assert_eq!(hosts, expected.map(|(host, port)| (host.to_owned(), port)));
}

#[test]
fn an_excluded_name_that_does_not_resolve_stops_the_scan() {
    let mut targets = Targets::new(&PortSet::from_ports(&[1]), PortSet::from_ports(&[]));
    targets.add("127.0.0.1", "test", 1);
    targets.exclude("nowhere.invalid", false);
    let error = Scanner::default()
        .scan(Arc::new(targets), Vec::new(), &mut || true)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "exclusion 'nowhere.invalid' does not resolve"
    );
}

#[test]
fn consecutive_probes_go_to_different_hosts() {
    let options = Options {
        rate: Some(200.0),
        ..Options::default()
    };
    let mut scan = Scanner::new(options)
        .scan(targets("127.0.0.1-8:1-8"), Vec::new(), &mut || true)
        .unwrap();
    let mut order = Vec::new();
    while let Some(batch) = scan.next_batch(Duration::from_secs(1)).unwrap() {
        order.extend(batch.into_iter().map(|result| result.port));
    }
    assert_eq!(
        order,
        (1..=8).flat_map(|port| [port; 8]).collect::<Vec<u16>>()
    );
}

#[test]
fn a_cancelled_scan_ends_soon_with_what_it_has() {
    let options = Options {
        rate: Some(50.0),
        ..Options::default()
    };
    let mut scan = Scanner::new(options)
        .scan(targets("127.0.0.0/8:1-1000"), Vec::new(), &mut || true)
        .unwrap();
    let mut count = 0;
    let started = Instant::now();
    while let Some(batch) = scan.next_batch(Duration::from_millis(100)).unwrap() {
        count += batch.len();
        if count > 5 {
            scan.handle().cancel();
        }
    }
    assert!((6..1000).contains(&count), "{count}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_server_on_one_family_only_is_found_by_its_name() {
    let (_listener, port) = listener();
    let results = scan_all(Options::default(), &format!("localhost:{port},1"));
    let states: HashMap<u16, State> = results.iter().map(|r| (r.port, r.state)).collect();
    assert_eq!(states[&port], State::Open);
    assert_eq!(states[&1], State::Closed);
}

#[test]
fn a_name_that_does_not_resolve_has_a_record_for_each_port() {
    let results = scan_all(Options::default(), "nowhere.invalid:1-3");
    assert_eq!(results.len(), 3);
    assert!(
        results
            .iter()
            .all(|r| r.state == State::Unresolved && r.address.is_none() && r.tries == 0)
    );
}

#[test]
fn a_cancelled_scan_delivers_all_that_was_finished_to_a_late_reader() {
    let mut scan = Scanner::default()
        .scan(targets("127.0.0.0/8:1-1000"), Vec::new(), &mut || true)
        .unwrap();
    let handle = scan.handle();
    // Until the reader's channel is full and the engine waits for it.
    let mut before = 0;
    while handle.progress().done != before || before == 0 {
        before = handle.progress().done;
        std::thread::sleep(Duration::from_millis(200));
    }
    handle.cancel();
    let mut delivered = 0;
    while let Some(batch) = scan.next_batch(Duration::from_secs(1)).unwrap() {
        delivered += batch.len() as u64;
    }
    assert_eq!(delivered, handle.progress().done);
}

#[test]
fn a_refused_scoped_or_mapped_address_leaves_nothing_behind() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        return; // no IPv6 here
    };
    let port = listener.local_addr().unwrap().port();
    for first in ["[::1%1]:1", "[::ffff:127.0.0.1]:1"] {
        let options = Options {
            retries: 0,
            concurrency: Some(1),
            ..Options::default()
        };
        let results = scan_all(options, &format!("{first} [::1]:{port}"));
        assert_eq!(results[0].state, State::Closed, "{first}");
        assert_eq!(results[1].state, State::Open, "{first}");
    }
}

#[test]
fn host_concurrency_holds_for_the_later_addresses_of_a_name() {
    let options = Options {
        host_concurrency: 1,
        ..Options::default()
    };
    let results = scan_all(options, "localhost:1-200");
    assert_eq!(results.len(), 200);
    assert!(results.iter().all(|result| result.state == State::Closed));
}

#[test]
fn a_skip_to_the_end_of_numbers_is_no_overflow() {
    let scan = Scanner::default();
    let mut scan = scan
        .scan(
            targets("127.0.0.1:1-5 127.0.0.2"),
            vec![(0, u64::MAX)],
            &mut || true,
        )
        .unwrap();
    assert_eq!(scan.next_batch(Duration::from_secs(5)).unwrap(), None);
}
