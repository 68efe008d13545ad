//! Looks for mistakes in a built archive before it is released.

use {
    crate::release::RELEASE_TRIPLES,
    anyhow::{Context, Result, anyhow},
    clap::ArgMatches,
    std::{
        collections::BTreeSet,
        fs::File,
        io::Read,
        path::{Path, PathBuf},
        process::Command,
    },
};

const PYTHON_VERIFICATIONS: &str = include_str!("verify_distribution.py");

#[derive(Default)]
struct ValidationContext {
    errors: Vec<String>,
}

fn validate_distribution(dist_path: &Path) -> Result<Vec<String>> {
    let mut context = ValidationContext::default();

    let mut seen_paths = BTreeSet::new();

    let dist_filename = dist_path
        .file_name()
        .expect("archive should have a name")
        .to_string_lossy();

    let triple = RELEASE_TRIPLES
        .keys()
        .find(|triple| dist_filename.contains(&format!("-{triple}-")))
        .ok_or_else(|| anyhow!("no known triple in {dist_filename}"))?;

    let is_static = dist_filename.contains("+static");

    let mut tf = tar::Archive::new(zstd::Decoder::new(File::open(dist_path)?)?);

    let entries = tf.entries()?;

    for entry in entries {
        let mut entry = entry.map_err(|e| anyhow!("damaged archive: {}", e))?;
        let path = entry.path()?.to_path_buf();

        seen_paths.insert(path.clone());

        if path.components().any(|part| part.as_os_str() == "..") {
            context
                .errors
                .push(format!("{} leaves the archive", path.display()));
        }

        let mut data = Vec::new();
        entry.read_to_end(&mut data)?;

        if data.windows(9).any(|text| text == b"/tools/de") && path.ends_with("PYTHON.json") {
            context.errors.push("PYTHON.json names a build folder".to_string());
        }
    }

    if is_static && !triple.ends_with("-musl") {
        context.errors.push(format!("{triple} has no static build"));
    }

    for wanted in ["python/PYTHON.json", "python/install/bin/python3"] {
        if !seen_paths.contains(&PathBuf::from(wanted)) {
            context.errors.push(format!("{wanted} is missing"));
        }
    }

    Ok(context.errors)
}

fn verify_distribution_behavior(dist_path: &Path) -> Result<Vec<String>> {
    let python = dist_path.with_extension("").join("python/install/bin/python3");
    let status = Command::new(python)
        .args(["-c", PYTHON_VERIFICATIONS])
        .status()
        .context("starting the interpreter")?;

    Ok(if status.success() { vec![] } else { vec!["the interpreter's tests failed".to_string()] })
}

pub fn command_validate_distribution(args: &ArgMatches) -> Result<()> {
    let run = args.get_flag("run");
    let mut success = true;

    for path in args.get_many::<PathBuf>("path").unwrap() {
        let mut errors = validate_distribution(path)?;

        if run {
            errors.extend(verify_distribution_behavior(path)?);
        }

        for error in errors {
            println!("{}: {error}", path.display());
            success = false;
        }
    }

    if success { Ok(()) } else { Err(anyhow!("validation failed")) }
}
