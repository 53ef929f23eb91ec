//! The binary `urbis`: reads the command line and runs one command.

mod args;
mod check;
mod commands;
mod database;
mod environment;
mod exit;
mod export;
mod fleet;
mod import;
mod operator;
mod output;
mod qgis;
mod running;
mod seed;
mod settings;
mod supervisor;
mod synthetic;
mod telemetry;

use std::process::ExitCode;

use crate::args::{Arguments, Command};
use crate::exit::Exit;
use crate::settings::Settings;

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let wants_json = matches!(&arguments.command, Command::Import(asked) if asked.json);
    let told = run(arguments).or_else(|error| {
        if wants_json {
            import::say_failure(&error)?;
        }
        Err(error)
    });
    match told {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&error, &import::failure_details(&error));
            Exit::of(&error).into()
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let given = arguments.command.given(arguments.common);
    let settings = Settings::resolve(given)?;
    telemetry::start(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        match arguments.command {
            Command::Up(_) => commands::up::run(&settings).await,
            Command::Serve(_) => commands::serve::run(&settings).await,
            Command::Migrate(_) => commands::migrate::run(&settings).await,
            Command::Import(asked) => commands::import::run(&settings, asked).await,
            Command::Export(asked) => commands::export::run(&settings, asked).await,
            Command::Key(asked) => commands::key::run(&settings, asked).await,
            Command::Qgis(asked) => commands::qgis::run(&settings, asked).await,
            Command::Fleet(asked) => commands::fleet::run(asked).await,
            Command::Prune(asked) => commands::prune::run(&settings, asked.format()).await,
            Command::Check(asked) => commands::check::run(&settings, &asked),
            Command::Layers(asked) => commands::layers::run(&settings, asked.format()),
            Command::Synth(asked) => commands::synth::run(&settings, asked).await,
            Command::Status(asked) => {
                commands::status::run(&settings, asked.whom(), asked.format()).await
            }
        }
    });
    // A GDAL call on a blocking thread cannot be interrupted; do not wait for it.
    runtime.shutdown_background();
    exit
}
