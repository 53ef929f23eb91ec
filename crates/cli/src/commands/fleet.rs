//! `urbis fleet`: a simulated fleet for a server that runs, and the one that `urbis up` has.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::task::JoinHandle;
use urbis_store::KeySecret;

use crate::args::{DEFAULT_SEED, DEFAULT_UNITS, FleetArgs};
use crate::commands::signal::Interrupt;
use crate::exit::{Exit, UsageError};
use crate::fleet::{ClientError, FleetPlan, drive};
use crate::running::RunningNode;

/// Drives a fleet until Ctrl-C.
///
/// # Errors
///
/// Where the server refuses the key, or is none of ours; not because it is away.
pub async fn run(asked: FleetArgs) -> anyhow::Result<Exit> {
    if !asked.url.starts_with("http://") {
        return Err(UsageError(format!("--url is '{}', wanted http://...", asked.url)).into());
    }
    let FleetArgs { units, url, key, seed } = asked;
    let interrupt = Interrupt::listen()?;
    let (wanted, end) = channel();
    let mut driving = spawn(FleetPlan { url, key, units, seed }, end);
    tokio::select! {
        driven = &mut driving => driven??,
        () = interrupt.wait() => {
            drop(wanted);
            driving.await??;
        }
    }
    Ok(Exit::Done)
}

/// Drives the fleet of `urbis up` until the process is asked to end: a node that still serves its
/// last requests is not sent more.
pub fn drive_beside(node: &RunningNode, operator: &KeySecret, interrupt: Interrupt) {
    let (url, key) = (node.url.clone(), operator.reveal());
    let plan = FleetPlan { url, key, units: DEFAULT_UNITS, seed: DEFAULT_SEED };
    let (wanted, end) = channel();
    let driving = spawn(plan, end);
    tokio::spawn(end_with(interrupt, wanted));
    tokio::spawn(async move {
        if let Ok(Err(error)) = driving.await {
            tracing::info!(%error, "there is no simulated fleet");
        }
    });
}

async fn end_with(interrupt: Interrupt, wanted: Sender<Infallible>) {
    interrupt.wait().await;
    drop(wanted);
}

fn spawn(plan: FleetPlan, end: Receiver<Infallible>) -> JoinHandle<Result<(), ClientError>> {
    tokio::task::spawn_blocking(move || drive(&plan, &end))
}
