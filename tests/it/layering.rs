//! Who may import whom. DESIGN's layers: functions → runtime, aws → app → channels, bot → domain.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, NodeDep, Package};
use domain::ChannelId;

/// Our crates each may import, besides what those imply.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("channels", &["domain"]),
    ("bot", &["domain"]),
    ("ui", &[]),
    ("shop", &[]),
    ("app", &["bot", "channels", "domain"]),
    ("aws", &["app", "channels", "domain"]),
    ("runtime", &["app", "channels", "domain"]),
    ("testkit", &["app", "channels", "domain"]),
    ("action", &["app", "aws", "runtime"]),
    ("caretaker", &["app", "aws", "channels", "domain", "runtime"]),
    ("demo", &["shop"]),
    ("media", &["app", "aws", "channels", "domain", "runtime"]),
    ("outbound", &["app", "aws", "bot", "channels", "domain", "runtime"]),
    ("puller", &["app", "aws", "channels", "domain", "runtime"]),
    ("receive", &["app", "aws", "channels", "domain", "runtime"]),
    ("responder", &["app", "aws", "bot", "channels", "domain", "runtime"]),
    ("web", &["app", "aws", "bot", "channels", "domain", "runtime", "ui"]),
    ("webhook", &["app", "aws", "channels", "domain", "runtime"]),
    ("local", &["app", "bot", "channels", "domain", "shop", "ui"]),
    ("conformance", &["channels", "domain"]),
    ("tests", &[]),
];

/// Crates of the pure core, and what they must not reach, however far down.
const PURE: &[&str] = &["domain", "channels", "bot", "app", "shop", "ui"];
const IMPURE: &[&str] = &["tokio", "hyper", "reqwest", "lambda_runtime", "lambda_http", "rustls", "mio", "socket2"];

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).exec().unwrap()
}

#[test]
fn crates_import_only_from_layers_below() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let ours: Vec<_> = metadata.workspace_packages();
    for package in &ours {
        let name = package.name.as_str();
        let list = allowed.get(name).unwrap_or_else(|| panic!("say in ALLOWED what the new crate `{name}` may import"));
        if name == "tests" {
            continue;
        }
        for dependency in &package.dependencies {
            let is_ours = ours.iter().any(|other| other.name.as_str() == dependency.name);
            if is_ours && dependency.kind == DependencyKind::Normal {
                assert!(list.contains(&dependency.name.as_str()), "{name} must not import {}", dependency.name);
            }
        }
    }
}

/// Everything that is linked into a crate of ours, its own included.
fn reached<'a>(metadata: &'a Metadata, root: &str) -> Vec<&'a Package> {
    let resolve = metadata.resolve.as_ref().unwrap();
    let package = metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == root).unwrap();
    let mut open = vec![&package.id];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let node = resolve.nodes.iter().find(|node| node.id == *id).unwrap();
            let is_linked = |dep: &&NodeDep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            open.extend(node.deps.iter().filter(is_linked).map(|dep| &dep.pkg));
        }
    }
    seen.into_iter().map(|id| &metadata[id]).collect()
}

#[test]
fn the_pure_core_reaches_no_io() {
    let metadata = metadata();
    for pure in PURE {
        for package in reached(&metadata, pure) {
            let name = package.name.as_str();
            assert!(!IMPURE.contains(&name) && !name.starts_with("aws-sdk"), "{pure} reaches {name}");
        }
    }
}

#[test]
fn there_is_one_tls_stack() {
    let metadata = metadata();
    for function in ["web", "responder", "action", "media", "outbound", "puller", "receive", "webhook", "caretaker"] {
        let mut versions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for package in reached(&metadata, function) {
            versions.entry(package.name.as_str()).or_default().push(package.version.to_string());
        }
        for one in ["hyper", "rustls", "hyper-rustls", "tokio-rustls"] {
            assert_eq!(versions[one].len(), 1, "{function}: {one} {:?}", versions[one]);
        }
        for absent in ["native-tls", "openssl"] {
            assert!(!versions.contains_key(absent), "{function} links {absent}");
        }
    }
}

#[test]
fn tls_has_one_provider_of_cryptography() {
    // A package that is only named by a feature nobody turned on is listed all the same, so the features are read.
    let metadata = metadata();
    for node in &metadata.resolve.as_ref().unwrap().nodes {
        let name = metadata[&node.id].name.as_str();
        if name.starts_with("rustls") || name.ends_with("-rustls") {
            assert!(node.features.iter().all(|feature| feature.as_str() != "ring"), "{name} uses ring");
        }
    }
}

#[test]
fn no_channel_is_named_outside_its_folder() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut open = vec![format!("{root}/shared"), format!("{root}/functions")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_str().unwrap().to_owned();
            if path.is_dir() {
                open.push(name);
                continue;
            }
            let allowed =
                ["shared/channels/", "shared/domain/", "shared/testkit/", "functions/web/", "app/src/visitor/"];
            if path.extension().is_none_or(|extension| extension != "rs")
                || allowed.iter().any(|part| name.contains(part))
            {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            // Tests below the code may name one.
            let code = text.split("#[cfg(test)]").next().unwrap();
            for channel in ChannelId::ALL {
                let named = [format!("ChannelId::{channel:?}"), format!("channels::{channel}")];
                assert!(!named.iter().any(|word| code.contains(word)), "{name} names {channel}");
            }
        }
    }
}
