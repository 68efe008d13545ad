//! What a release holds: the target triples, and the builds that are published for each.

use {
    anyhow::{Result, anyhow},
    once_cell::sync::Lazy,
    pep440_rs::{Version, VersionSpecifier},
    std::{collections::BTreeMap, str::FromStr},
};

/// What is published for one target triple.
pub struct TripleRelease {
    /// Builds for every Python version.
    pub suffixes: Vec<&'static str>,
    /// The build that becomes the small `install_only` archive.
    pub install_only_suffix: &'static str,
    /// Python versions to publish at all; every version if not set.
    pub python_version_requirement: Option<VersionSpecifier>,
    /// Builds for some Python versions only.
    pub conditional_suffixes: Vec<ConditionalSuffixes>,
}

/// Builds that exist from a certain Python version on, like the free-threaded ones.
pub struct ConditionalSuffixes {
    pub python_version_requirement: VersionSpecifier,
    pub suffixes: Vec<&'static str>,
}

pub static RELEASE_TRIPLES: Lazy<BTreeMap<&'static str, TripleRelease>> = Lazy::new(|| {
    let mut h = BTreeMap::new();

    // Example Corp targets only: aarch64-apple-darwin, aarch64-unknown-linux-gnu, x86_64-unknown-linux-gnu
    let pgo_suffixes = vec!["pgo+lto"];
    let pgo_freethreaded_suffixes = vec!["freethreaded+pgo+lto"];

    // macOS ARM64
    h.insert(
        "aarch64-apple-darwin",
        TripleRelease {
            suffixes: pgo_suffixes.clone(),
            install_only_suffix: "pgo+lto",
            python_version_requirement: None,
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13.0rc0").unwrap(),
                suffixes: pgo_freethreaded_suffixes.clone(),
            }],
        },
    );

    // Linux ARM64
    h.insert(
        "aarch64-unknown-linux-gnu",
        TripleRelease {
            suffixes: pgo_suffixes.clone(),
            install_only_suffix: "pgo+lto",
            python_version_requirement: None,
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13").unwrap(),
                suffixes: pgo_freethreaded_suffixes.clone(),
            }],
        },
    );

    // Linux x86_64
    h.insert(
        "x86_64-unknown-linux-gnu",
        TripleRelease {
            suffixes: pgo_suffixes.clone(),
            install_only_suffix: "pgo+lto",
            python_version_requirement: None,
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13").unwrap(),
                suffixes: pgo_freethreaded_suffixes.clone(),
            }],
        },
    );

    h
});

/// Name the archives that a release of `version` has to hold for one triple.
pub fn wanted_archives(triple: &str, version: &Version) -> Result<Vec<String>> {
    let release = RELEASE_TRIPLES
        .get(triple)
        .ok_or_else(|| anyhow!("no release of {triple}"))?;

    let mut suffixes = release.suffixes.clone();
    for conditional in &release.conditional_suffixes {
        if conditional.python_version_requirement.contains(version) {
            suffixes.extend(&conditional.suffixes);
        }
    }

    Ok(suffixes
        .iter()
        .map(|suffix| format!("cpython-{version}-{triple}-{suffix}.tar.zst"))
        .collect())
}
