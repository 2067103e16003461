//! `heartstrings serve`: starts everything, waits for a signal, stops everything in order.

use super::advice::with_advice;
use super::{Outcome, start_engine};
use crate::settings::Settings;
use crate::telemetry;
use heartstrings_http::{Application, HttpOptions};
use heartstrings_keys::KeyRing;
use heartstrings_scoring::{Engine, assemble};
use heartstrings_service::Service;
use heartstrings_store::Store;
use std::io::Write;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Serves until SIGTERM or Ctrl-C.
pub fn run(settings: &Settings) -> Outcome {
    let access = &settings.access;
    let keys = KeyRing::open(&access.keys_file).map_err(|error| error.to_string())?;
    settings.check_exposure(keys.is_configured()).map_err(|error| error.to_string())?;
    let _telemetry = telemetry::init(&settings.log)?;
    // Requests have threads of their own; these carry signals, commands and periodic work.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.clamp(1, 2))
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?
        .block_on(serve(settings, keys))
}

async fn serve(settings: &Settings, keys: KeyRing) -> Outcome {
    // Installed before anything is printed: a process that waits for the line may stop us at once.
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let access = &settings.access;
    let options = HttpOptions {
        listen: settings.listen,
        shutdown_seconds: settings.shutdown_seconds,
        limits: access.limits,
        queue_tokens: settings.engine.queue_tokens,
        body_memory: access.body_memory,
        connections: access.connections,
        connections_per_address: access.connections_per_address,
        tls: access.tls.clone(),
        cors_origins: access.cors_origins.clone(),
    };
    let application = Application::bind(&options, keys)?;
    let url = application.url();
    let control = application.control();
    let server = tokio::spawn(application.run());
    tracing::info!(
        url,
        "the port is open; until the model and the store are loaded it answers 503"
    );
    let loading = settings.clone();
    let loaded = tokio::task::spawn_blocking(move || load(&loading))
        .await
        .map_err(|error| format!("loading failed: {error}"))?;
    let service = match loaded {
        Ok(service) => service,
        Err(error) => {
            control.stop().await;
            return Err(error.into());
        }
    };
    let control_socket = crate::control::listen(&settings.state.control_socket, service.clone());
    if let Err(error) = &control_socket {
        tracing::warn!(%error, "commands cannot reach this service; stop it for backup and rescore");
    }
    control.set_service(service.clone());
    // The process that started us may have closed our standard output; that is no reason to stop.
    let _ = writeln!(std::io::stdout(), "listening on {url}");
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
        _ = interrupt.recv() => tracing::info!("Ctrl-C: stopping"),
    }
    control.stop().await;
    server
        .await
        .map_err(|error| format!("the server failed: {error}"))?
        .map_err(|error| format!("the server failed: {error}"))?;
    drop(control_socket);
    service.close().await.map_err(|error| format!("the store did not close: {error}"))?;
    tracing::info!("stopped");
    Ok(())
}

/// Loads the model and opens the store at the same time, since each takes seconds.
fn load(settings: &Settings) -> Result<Service, String> {
    let (engine, store) = std::thread::scope(|scope| {
        let store = scope.spawn(|| open_store(settings));
        let engine = start_engine(settings);
        (engine, store.join())
    });
    let store = store.map_err(|_| "opening the store failed; the log says how".to_owned())??;
    Ok(assemble_service(settings, engine?, store))
}

/// The application on an engine and a store.
pub fn assemble_service(settings: &Settings, engine: Engine, store: Arc<dyn Store>) -> Service {
    let scorer = assemble(engine, settings.score_cache, settings.scoring_deadline);
    Service::new(scorer, store)
}

fn open_store(settings: &Settings) -> Result<Arc<dyn Store>, String> {
    let store = heartstrings_store::open(&settings.store).map_err(|error| with_advice(&error))?;
    let path = settings.store.url.folder();
    tracing::info!(path = %path.display(), "the store is open");
    Ok(store)
}
