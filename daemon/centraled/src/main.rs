//! `centraled`: the telephone exchange of one office, as one program.
//!
//! Here the settings are read, every crate is built and joined to the others, and everything is let go again at the end.
//! It decides nothing about calls, phones or people; those rooms do.

mod alarm;
mod authority;
mod block_log;
mod blocks;
mod bonds;
mod calling;
mod cli;
mod dhcp;
mod disk_thread;
mod exchange_loop;
mod exchange_thread;
mod incidents;
mod log_filter;
mod mailboxes;
mod makers;
mod office;
mod paper;
mod post;
mod probing;
mod records;
mod recover;
mod reflect;
mod reflector;
mod run;
mod self_test;
mod servers;
mod settings;
mod spent;
mod stops;
mod templates;
mod time;
mod ways;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(words) => {
            // Nobody is left to be told when this fails.
            let _ = words.print();
            return if words.use_stderr() { ExitCode::from(cli::WRONG_SETTING) } else { ExitCode::SUCCESS };
        }
    };
    // Whoever pipes the output into something that stops reading must not see a panic: that is an ordinary end.
    match cli.act() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("centraled: {fault}");
            ExitCode::from(fault.exit_code())
        }
    }
}
