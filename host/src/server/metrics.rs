//! Numbers for Prometheus.

use super::access::Access;
use super::app::Shared;
use super::error::ApiError;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Seconds that bound the buckets of durations.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: String,
    route: String,
}

/// What is counted while requests pass.
#[derive(Debug)]
pub(super) struct Metrics {
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    pub(super) in_flight: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            in_flight: Gauge::default(),
        }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub(super) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let request = Request {
            method: method.clone(),
            route: route.clone(),
            status,
        };
        self.requests.get_or_create(&request).inc();
        let of_route = self.seconds.get_or_create(&Route { method, route });
        of_route.observe(took.as_secs_f64());
    }

    fn registry(&self, app: &Shared) -> Registry {
        let mut registry = Registry::with_prefix("memt");
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register(
            "http_request_seconds",
            "Seconds from a request to its answer",
            self.seconds.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests being answered",
            self.in_flight.clone(),
        );
        let store = app.store();
        let counts = [
            ("memories", "Memories kept", store.bank().len()),
            (
                "owners",
                "Owners with memories",
                store.bank().owners().count(),
            ),
            (
                "uptime_seconds",
                "Seconds since the start",
                app.started.elapsed().as_secs() as usize,
            ),
        ];
        for (name, help, count) in counts {
            registry.register(name, help, ConstGauge::new(count as i64));
        }
        if let Some(bytes) = resident_bytes() {
            registry.register(
                "resident_memory_bytes",
                "Memory of the process",
                ConstGauge::new(bytes),
            );
        }
        registry
    }
}

/// Memory of this process that lies in RAM, where the system tells.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: i64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}

/// `/metrics`.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Numbers for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "OpenMetrics text", body = String)))]
async fn metrics(State(app): State<Shared>, access: Access) -> Result<impl IntoResponse, ApiError> {
    access.has_all()?;
    let mut text = String::new();
    encode(&mut text, &app.metrics.registry(&app)).map_err(ApiError::internal)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], text))
}
