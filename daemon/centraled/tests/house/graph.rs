//! What depends on what, as `cargo metadata` tells it for one target, or as a test makes it up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// When a dependency is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    /// In the product.
    Running,
    /// By a build script.
    Building,
    /// By tests and examples.
    Testing,
}

/// One crate of the resolved graph.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The SPDX expression of the manifest.
    pub(crate) licence: Option<String>,
    /// The licence's text, where the manifest names a file instead of an expression.
    pub(crate) licence_file: Option<PathBuf>,
    /// The native library it claims (`links` in its manifest).
    pub(crate) links: Option<String>,
    /// A crate of ours, with its folder.
    pub(crate) room: Option<PathBuf>,
    /// Direct dependencies: identifiers, and when each is used.
    pub(crate) needs: BTreeSet<(String, When)>,
}

/// The resolved graph, by cargo's package identifier.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph(BTreeMap<String, Package>);

impl Graph {
    /// The graph of this workspace for one target; all features that any member asks for.
    pub(crate) fn of_workspace(target: &str) -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", target])
            .current_dir(root())
            .output()
            .expect("cargo runs, since it runs this test");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self::parse(&serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON"))
    }

    fn parse(metadata: &Value) -> Self {
        let nodes = metadata["resolve"]["nodes"].as_array().expect("cargo metadata resolves the graph");
        let needs: BTreeMap<&str, _> = nodes.iter().map(|node| (text(&node["id"]), parse_needs(node))).collect();
        let packages = metadata["packages"].as_array().expect("cargo metadata lists the packages");
        let known = packages.iter().filter_map(|package| {
            let id = text(&package["id"]);
            Some((id.to_owned(), parse_package(package, needs.get(id)?.clone())))
        });
        Self(known.collect())
    }

    /// A made-up graph: each package with the names it needs in the product.
    pub(crate) fn made_up(packages: &[(&str, &[&str])]) -> Self {
        let mut graph = Self::default();
        for (name, needs) in packages {
            graph.add(name).needs = needs.iter().map(|need| ((*need).to_owned(), When::Running)).collect();
            for need in *needs {
                graph.add(need);
            }
        }
        graph
    }

    /// The package of a made-up graph by name, added when it is not there. Names that begin with "centrale" are rooms.
    pub(crate) fn add(&mut self, name: &str) -> &mut Package {
        self.0.entry(name.to_owned()).or_insert_with(|| Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            room: name.starts_with("centrale").then(|| Path::new("daemon").join(name.trim_start_matches("centrale-"))),
            ..Package::default()
        })
    }

    pub(crate) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.0.values()
    }

    /// The crates of this workspace.
    pub(crate) fn rooms(&self) -> impl Iterator<Item = &Package> {
        self.packages().filter(|package| package.room.is_some())
    }

    /// The direct dependencies of a package.
    pub(crate) fn needs<'a>(&'a self, package: &'a Package) -> impl Iterator<Item = (&'a Package, When)> {
        package.needs.iter().filter_map(|(id, when)| Some((self.0.get(id)?, *when)))
    }

    /// What a package reaches in the product, directly or through others, each with the crate that brings it; the walk
    /// stops at the crates named in `not_beyond`.
    pub(crate) fn reach(&self, package: &Package, not_beyond: &[&str]) -> BTreeMap<String, String> {
        let mut reached = BTreeMap::new();
        let mut waiting = vec![package];
        while let Some(from) = waiting.pop() {
            for (to, _) in self.needs(from).filter(|(_, when)| *when == When::Running) {
                if !reached.contains_key(&to.name) {
                    reached.insert(to.name.clone(), from.name.clone());
                    if !not_beyond.contains(&to.name.as_str()) {
                        waiting.push(to);
                    }
                }
            }
        }
        reached
    }
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is above this crate")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("cargo metadata gives text here")
}

fn parse_needs(node: &Value) -> BTreeSet<(String, When)> {
    let mut needs = BTreeSet::new();
    for need in node["deps"].as_array().expect("each node lists its dependencies") {
        for kind in need["dep_kinds"].as_array().expect("each dependency has kinds") {
            let when = match kind["kind"].as_str() {
                Some("dev") => When::Testing,
                Some("build") => When::Building,
                _ => When::Running,
            };
            needs.insert((text(&need["pkg"]).to_owned(), when));
        }
    }
    needs
}

fn parse_package(package: &Value, needs: BTreeSet<(String, When)>) -> Package {
    let folder = Path::new(text(&package["manifest_path"])).parent().expect("a manifest stands in a folder").to_owned();
    Package {
        name: text(&package["name"]).to_owned(),
        version: text(&package["version"]).to_owned(),
        licence: package["license"].as_str().map(str::to_owned),
        licence_file: package["license_file"].as_str().map(|file| folder.join(file)),
        links: package["links"].as_str().map(str::to_owned),
        room: package["source"].is_null().then_some(folder),
        needs,
    }
}
