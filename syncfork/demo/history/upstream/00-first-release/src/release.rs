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

    // macOS.
    let macos_suffixes = vec!["debug", "pgo+lto"];
    let macos_suffixes_313 = vec!["freethreaded+debug", "freethreaded+pgo+lto"];
    h.insert(
        "aarch64-apple-darwin",
        TripleRelease {
            suffixes: macos_suffixes.clone(),
            install_only_suffix: "pgo+lto",
            python_version_requirement: None,
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13.0rc0").unwrap(),
                suffixes: macos_suffixes_313.clone(),
            }],
        },
    );
    h.insert(
        "x86_64-apple-darwin",
        TripleRelease {
            suffixes: macos_suffixes,
            install_only_suffix: "pgo+lto",
            python_version_requirement: None,
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13.0rc0").unwrap(),
                suffixes: macos_suffixes_313.clone(),
            }],
        },
    );

    // Linux.
    let linux_suffixes_pgo = vec!["debug", "pgo+lto"];
    let linux_suffixes_nopgo = vec!["debug", "lto", "noopt"];
    let linux_suffixes_pgo_freethreaded = vec!["freethreaded+debug", "freethreaded+pgo+lto"];
    let linux_suffixes_nopgo_freethreaded = vec!["freethreaded+debug", "freethreaded+lto"];

    h.insert(
        "aarch64-unknown-linux-gnu",
        TripleRelease {
            suffixes: linux_suffixes_pgo.clone(),
            install_only_suffix: "pgo+lto",
            python_version_requirement: None,
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13").unwrap(),
                suffixes: linux_suffixes_pgo_freethreaded.clone(),
            }],
        },
    );

    h.insert(
        "ppc64le-unknown-linux-gnu",
        TripleRelease {
            suffixes: linux_suffixes_nopgo.clone(),
            install_only_suffix: "lto",
            python_version_requirement: Some(VersionSpecifier::from_str(">=3.10").unwrap()),
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13").unwrap(),
                suffixes: linux_suffixes_nopgo_freethreaded.clone(),
            }],
        },
    );

    h.insert(
        "x86_64-unknown-linux-gnu",
        TripleRelease {
            suffixes: linux_suffixes_pgo.clone(),
            install_only_suffix: "pgo+lto",
            python_version_requirement: None,
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13").unwrap(),
                suffixes: linux_suffixes_pgo_freethreaded.clone(),
            }],
        },
    );
    h.insert(
        "x86_64_v3-unknown-linux-gnu",
        TripleRelease {
            suffixes: linux_suffixes_pgo.clone(),
            install_only_suffix: "pgo+lto",
            python_version_requirement: Some(VersionSpecifier::from_str(">=3.10").unwrap()),
            conditional_suffixes: vec![ConditionalSuffixes {
                python_version_requirement: VersionSpecifier::from_str(">=3.13").unwrap(),
                suffixes: linux_suffixes_pgo_freethreaded.clone(),
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
