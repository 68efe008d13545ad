mod github;
mod release;
mod validation;

use {
    anyhow::Result,
    clap::{Arg, ArgAction, Command, value_parser},
    std::path::PathBuf,
};

fn release_command(name: &'static str) -> Command {
    Command::new(name)
        .arg(Arg::new("token").long("token").required(true))
        .arg(Arg::new("organization").long("org").default_value("upstream-labs"))
        .arg(Arg::new("repo").long("repo").default_value("python-builds"))
}

fn app() -> Command {
    Command::new("pythonbuild")
        .subcommand(
            release_command("fetch-release-distributions")
                .arg(Arg::new("commit").long("commit").required(true))
                .arg(Arg::new("dest").long("dest").value_parser(value_parser!(PathBuf))),
        )
        .subcommand(
            release_command("upload-release-distributions")
                .arg(Arg::new("tag").long("tag").required(true))
                .arg(Arg::new("dist").long("dist").value_parser(value_parser!(PathBuf)))
                .arg(Arg::new("dry_run").short('n').action(ArgAction::SetTrue)),
        )
        .subcommand(
            Command::new("validate-distribution")
                .about("Look for mistakes in built archives")
                .arg(
                    Arg::new("run")
                        .long("run")
                        .action(ArgAction::SetTrue)
                        .help("Start the interpreter and exercise it"),
                )
                .arg(Arg::new("path").num_args(1..).value_parser(value_parser!(PathBuf))),
        )
}

#[tokio::main]
async fn main() -> Result<()> {
    match app().get_matches().subcommand() {
        Some(("fetch-release-distributions", args)) => {
            github::command_fetch_release_distributions(args).await
        }
        Some(("upload-release-distributions", args)) => {
            github::command_upload_release_distributions(args).await
        }
        Some(("validate-distribution", args)) => validation::command_validate_distribution(args),
        _ => Ok(()),
    }
}
