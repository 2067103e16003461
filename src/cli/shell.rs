//! `heartstrings completions` and `heartstrings man`: for shells and readers, from the command line
//! itself.

use super::{Cli, Outcome};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io::Write;
use std::path::PathBuf;

/// For which shell.
#[derive(Args)]
#[command(after_help = "\
Examples:
  heartstrings completions bash > /etc/bash_completion.d/heartstrings
  heartstrings completions zsh > \"${fpath[1]}/_heartstrings\"
  heartstrings completions fish > ~/.config/fish/completions/heartstrings.fish")]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Where to.
#[derive(Args)]
#[command(after_help = "\
Examples:
  heartstrings man /usr/local/share/man/man1")]
pub struct Manual {
    /// Folder to write the pages into
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Writes the completions to standard output.
pub fn completions(arguments: &Completions) -> Outcome {
    // Into memory first: the library panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "heartstrings", &mut script);
    let written = std::io::stdout().write_all(&script);
    written.map_err(|error| format!("cannot write: {error}").into())
}

/// Writes a page for the binary and one for each command.
pub fn manual(arguments: &Manual) -> Outcome {
    let folder = &arguments.folder;
    let failed = |error: std::io::Error| format!("cannot write into {}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), folder)
        .map_err(failed)?;
    Ok(())
}
