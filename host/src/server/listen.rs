//! Sockets, TLS, and stopping without breaking off what is being answered.

use super::access::{KeyFileError, Keys};
use super::app::{App, Shared};
use super::memories::Memories;
use super::settings::Settings;
use super::{router, telemetry};
use crate::model::{Model, ModelError};
use crate::store::Store;
use axum::ServiceExt;
use axum::extract::Request;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long requests under way may take once the server is asked to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(20);

/// How often those who have not asked for long are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Why the server does not run.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be listened on.
    Address {
        /// Which one.
        addr: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// Others could reach the server and no key is asked for.
    Unprotected(SocketAddr),
    /// Keys cannot be read.
    Keys(KeyFileError),
    /// The model cannot be used.
    Model(ModelError),
    /// Certificate or private key cannot be used.
    Tls {
        /// The certificate.
        certificate: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The system refuses.
    Io(std::io::Error),
}

impl core::fmt::Display for ServeError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Address { addr, error } => write!(formatter, "cannot listen on {addr}: {error}"),
            Self::Unprotected(addr) => write!(
                formatter,
                "{addr} can be reached from other computers and there is no key; set --api-key (MEMT_API_KEY), make one with `memt serve --new-key NAME`, or listen on 127.0.0.1"
            ),
            Self::Keys(error) => error.fmt(formatter),
            Self::Model(error) => error.fmt(formatter),
            Self::Tls { certificate, error } => {
                let certificate = certificate.display();
                write!(formatter, "certificate {certificate} and its key: {error}")
            }
            Self::Io(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for ServeError {}

/// Serves until the process is asked to stop. `ready` is called with the address once requests are
/// taken.
pub fn serve(
    settings: Settings,
    model: Model,
    store: Store,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    telemetry::start(settings.log_format, settings.log);
    let keys = Keys::open(&settings.data, settings.api_key.as_deref()).map_err(ServeError::Keys)?;
    if keys.is_open_to_all() && !settings.addr.ip().is_loopback() {
        return Err(ServeError::Unprotected(settings.addr));
    }
    // Lives as long as the process.
    let model: &'static Model = Box::leak(Box::new(model));
    let encoder = model
        .text_encoder(Default::default())
        .map_err(ServeError::Model)?;
    let addr = settings.addr;
    let listener = TcpListener::bind(addr).map_err(|error| ServeError::Address { addr, error })?;
    let (memories, writer) = Memories::start(store, encoder).map_err(ServeError::Io)?;
    let app = Arc::new(App::new(settings, model, encoder, memories, keys));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("memt")
        .build()
        .map_err(ServeError::Io)?;
    let served = runtime.block_on(answer(app, listener, ready));
    // With the runtime, the last that could ask for a change has gone.
    drop(runtime);
    drop(writer.join());
    tracing::info!("stopped");
    served
}

async fn answer(
    app: Shared,
    listener: TcpListener,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let addr = listener.local_addr().map_err(ServeError::Io)?;
    let tls = match &app.settings.tls {
        None => None,
        Some((certificate, key)) => {
            let config = RustlsConfig::from_pem_file(certificate, key).await;
            Some(config.map_err(|error| ServeError::Tls {
                certificate: certificate.clone(),
                error,
            })?)
        }
    };
    let handle = Handle::new();
    tokio::spawn(stop_when_asked(Arc::clone(&app), handle.clone()));
    tokio::spawn(tidy(Arc::clone(&app)));
    let service = router::service(Arc::clone(&app));
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
    let memories = app.store().bank().len();
    tracing::info!(%addr, memories, tls = tls.is_some(), "taking requests");
    let served = match tls {
        None => {
            let server = axum_server::from_tcp(listener).map_err(ServeError::Io)?;
            ready(addr);
            server.handle(handle).serve(service).await
        }
        Some(config) => {
            let server = axum_server::from_tcp_rustls(listener, config).map_err(ServeError::Io)?;
            ready(addr);
            server.handle(handle).serve(service).await
        }
    };
    served.map_err(ServeError::Io)
}

async fn stop_when_asked(app: Shared, handle: Handle<SocketAddr>) {
    asked_to_stop().await;
    tracing::info!("stopping when the requests under way are answered");
    app.stop();
    handle.graceful_shutdown(Some(LAST_REQUESTS));
}

#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            let interrupt = tokio::signal::ctrl_c();
            let mut interrupt = std::pin::pin!(interrupt);
            std::future::poll_fn(|context| {
                if terminate.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(());
                }
                interrupt.as_mut().poll(context).map(drop)
            })
            .await;
        }
        Err(error) => {
            tracing::warn!(%error, "only an interrupt stops this server");
            drop(tokio::signal::ctrl_c().await);
        }
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    drop(tokio::signal::ctrl_c().await);
}

async fn tidy(app: Shared) {
    let Some(pace) = &app.pace else { return };
    let mut interval = tokio::time::interval(TIDY_EVERY);
    loop {
        interval.tick().await;
        pace.forget_quiet();
    }
}
