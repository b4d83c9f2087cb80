use base::Time;
use proptest::prelude::*;

use super::rule::{Graph, Node, group, trust};
use super::{Key, Verdict};

fn node(name: &str) -> Node {
    let (namespace, value) = name.split_once(':').unwrap();
    let key = Key { namespace: namespace.to_owned(), hash: value.as_bytes().to_vec() };
    Node { key, number: None, person: None }
}

/// A graph from names and pairs of them; a pair with `!` between is held apart, with `=` pinned
/// together, with `@3` linked at time 3.
fn graph(names: &[&str], pairs: &[&str]) -> Graph {
    let mut graph = Graph { nodes: names.iter().map(|n| node(n)).collect(), ..Graph::default() };
    let place = |name: &str| names.iter().position(|known| *known == name).unwrap();
    for pair in pairs {
        let (pair, at) = pair.split_once('@').unwrap_or((pair, "0"));
        if let Some((a, b)) = pair.split_once('!') {
            graph.pins.push((place(a), place(b), Verdict::Apart));
        } else if let Some((a, b)) = pair.split_once('=') {
            graph.pins.push((place(a), place(b), Verdict::Together));
        } else {
            let (a, b) = pair.split_once('-').unwrap();
            graph.links.push((place(a), place(b), Time::from_micros(at.parse().unwrap())));
        }
    }
    graph
}

fn people(names: &[&str], pairs: &[&str]) -> String {
    let groups = group(&graph(names, pairs));
    let groups: Vec<String> = groups
        .iter()
        .map(|group| group.iter().map(|i| names[*i]).collect::<Vec<_>>().join(" "))
        .collect();
    groups.join(" | ")
}

#[test]
fn who_is_one_person() {
    let names = ["external:1", "external:2", "phone:p", "email:e", "anonymous:a"];
    for (pairs, expected) in [
        (&[][..], "external:1 | external:2 | phone:p | email:e | anonymous:a"),
        (
            &["external:1-phone:p", "external:2-phone:p"],
            "external:1 external:2 phone:p | email:e | anonymous:a",
        ),
        (
            &["external:1-phone:p", "external:2-phone:p", "external:1!external:2"],
            "external:1 phone:p | external:2 | email:e | anonymous:a",
        ),
        (&["external:1=external:2"], "external:1 external:2 | phone:p | email:e | anonymous:a"),
        // A browser joins whom it was linked to first, and never makes two people one.
        (
            &["external:1-anonymous:a@9", "external:2-anonymous:a@4"],
            "external:1 | external:2 anonymous:a | phone:p | email:e",
        ),
    ] {
        assert_eq!(people(&names, pairs), expected, "{pairs:?}");
    }
}

#[test]
fn a_phone_that_many_share_says_nothing() {
    let names = ["external:1", "external:2", "external:3", "external:4", "phone:p"];
    let three = ["external:1-phone:p", "external:2-phone:p", "external:3-phone:p"];
    assert_eq!(trust("phone").limit, 3);
    assert!(people(&names, &three).starts_with("external:1 external:2 external:3 phone:p"));
    let four = [&three[..], &["external:4-phone:p"]].concat();
    let apart = "external:1 | external:2 | external:3 | external:4 | phone:p";
    assert_eq!(people(&names, &four), apart, "the fourth undoes the merges of the three");
}

#[test]
fn what_many_weaker_ones_share_says_nothing() {
    for (strong, weak, shared) in
        [("phone:p", "email", true), ("card:c", "phone", true), ("external:1", "anonymous", false)]
    {
        let mut names = vec![strong.to_owned()];
        names.extend((0..11).map(|number| format!("{weak}:{number}")));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let pairs: Vec<String> = names[1..].iter().map(|name| format!("{strong}-{name}")).collect();
        let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
        let groups = |count: usize| people(&names, &pairs[..count]).matches('|').count() + 1;
        assert_eq!(groups(10), 2, "{strong} and ten of {weak} are one person");
        assert_eq!(groups(11), if shared { 12 } else { 1 }, "{strong} and eleven of {weak}");
    }
}

proptest! {
    #[test]
    fn the_order_of_links_and_nodes_does_not_matter(
        links in prop::collection::vec((0..8_usize, 0..8_usize, 0..5_i64), 0..20),
        pins in prop::collection::vec((0..8_usize, 0..8_usize), 0..3),
        turn in 0..8_usize,
    ) {
        let names = [
            "external:1", "external:2", "taobao:1", "taobao:2", "phone:1", "phone:2",
            "email:1", "anonymous:1",
        ];
        let mut straight = graph(&names, &[]);
        for (a, b, at) in links.iter().filter(|(a, b, _)| a != b) {
            straight.links.push((*a, *b, Time::from_micros(*at)));
        }
        for (a, b) in pins.iter().filter(|(a, b)| a != b) {
            straight.pins.push((*a, *b, Verdict::Apart));
        }
        // The same graph with its nodes turned round and its links backwards.
        let moved = |index: usize| (index + turn) % names.len();
        let mut turned = Graph::default();
        for index in 0..names.len() {
            let origin = (index + names.len() - turn) % names.len();
            turned.nodes.push(straight.nodes[origin].clone());
        }
        turned.links =
            straight.links.iter().rev().map(|(a, b, at)| (moved(*b), moved(*a), *at)).collect();
        turned.pins = straight.pins.iter().map(|(a, b, v)| (moved(*a), moved(*b), *v)).collect();
        let sets = |graph: &Graph| {
            let mut sets: Vec<Vec<Key>> = group(graph)
                .into_iter()
                .map(|group| group.into_iter().map(|i| graph.nodes[i].key.clone()).collect())
                .collect();
            sets.iter_mut().for_each(|set: &mut Vec<Key>| set.sort());
            sets.sort();
            sets
        };
        prop_assert_eq!(sets(&straight), sets(&turned));
        for group in group(&straight) {
            for (a, b, _) in &straight.pins {
                prop_assert!(!(group.contains(a) && group.contains(b)), "held apart");
            }
        }
    }
}
