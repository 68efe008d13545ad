//! Moves archives from CI to a GitHub release.

use {
    crate::release::RELEASE_TRIPLES,
    anyhow::{Result, anyhow},
    clap::ArgMatches,
    octocrab::{Octocrab, OctocrabBuilder},
    std::{collections::HashMap, path::PathBuf},
};

fn new_github_client(args: &ArgMatches) -> Result<Octocrab> {
    let token = args.get_one::<String>("token").expect("token should be set");

    Ok(OctocrabBuilder::new().personal_token(token.clone()).build()?)
}

pub async fn command_fetch_release_distributions(args: &ArgMatches) -> Result<()> {
    let org = args.get_one::<String>("organization").expect("organization should be set");
    let repo = args.get_one::<String>("repo").expect("repo should be set");

    let client = new_github_client(args)?;
    let workflows = client.workflows(org, repo);

    let mut workflow_names = HashMap::new();

    let workflow_ids = workflows
        .list()
        .send()
        .await?
        .into_iter()
        .filter_map(|wf| {
            if matches!(
                wf.path.as_str(),
                ".github/workflows/macos.yml"
                    | ".github/workflows/linux.yml"
            ) {
                workflow_names.insert(wf.id, wf.name);

                Some(wf.id)
            } else {
                None
            }
        })
        .collect::<Vec<_>>();

    if workflow_ids.is_empty() {
        return Err(anyhow!("{org}/{repo} has none of the build workflows"));
    }

    for workflow_id in workflow_ids {
        println!("fetching what {} built", workflow_names[&workflow_id]);
    }

    Ok(())
}

pub async fn command_upload_release_distributions(args: &ArgMatches) -> Result<()> {
    let dist_dir = args.get_one::<PathBuf>("dist").expect("dist should be set");

    for (triple, release) in RELEASE_TRIPLES.iter() {
        let suffix = release.install_only_suffix;
        println!("uploading {}/*-{triple}-{suffix}-*", dist_dir.display());
    }

    Ok(())
}
