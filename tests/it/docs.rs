//! What the guides say of this repository.

use std::collections::BTreeSet;
use std::path::Path;

use domain::ChannelId;

use crate::support::root;

/// The list of files to touch, of the guide to adding a channel.
fn listed() -> Vec<String> {
    let guide = std::fs::read_to_string(root().join("shared/channels/README.md")).unwrap();
    let list = guide.split("## Adding a channel").nth(1).unwrap();
    let quoted = list.split('`').skip(1).step_by(2);
    quoted.filter(|word| word.contains('/') || *word == "template.yaml").map(str::to_owned).collect()
}

/// Our files below a folder, by their paths.
fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && !["target", "node_modules", "snapshots"].contains(&name) {
            files(&path, found);
        } else if ["rs", "js", "css", "yaml"].iter().any(|kind| path.extension().is_some_and(|own| own == *kind)) {
            found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn the_files_of_the_guide_to_adding_a_channel_are_there() {
    let listed = listed();
    assert!(listed.len() > 10, "{listed:?}");
    for path in listed {
        assert!(
            root().join(path.replace("<name>", "weibo")).exists(),
            "{path} of shared/channels/README.md is not there"
        );
    }
}

/// A file that names every channel is one that a new channel must be added to.
#[test]
fn the_guide_to_adding_a_channel_leaves_out_no_file() {
    let listed: BTreeSet<String> = listed().into_iter().collect();
    let names: Vec<&str> = ChannelId::ALL.iter().filter(|id| **id != ChannelId::Web).map(|id| id.as_str()).collect();
    let mut found = vec!["template.yaml".to_owned()];
    for folder in ["shared", "functions", "infra", "tests"] {
        files(&root().join(folder), &mut found);
    }
    let mut count = 0;
    for path in found {
        let text = std::fs::read_to_string(root().join(&path)).unwrap().to_lowercase();
        // Not every provider is played everywhere.
        if names.iter().filter(|name| text.contains(**name)).count() + 1 >= names.len() {
            assert!(listed.contains(&path), "{path} names all channels: shared/channels/README.md should list it");
            count += 1;
        }
    }
    assert!(count > 3, "{count}");
}
