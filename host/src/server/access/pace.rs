//! How often each key, or each address, may ask.

use crate::server::error::ApiError;
use crate::server::settings::Rate;
use axum::http::{HeaderValue, StatusCode};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;

type Limiter =
    RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// Counts requests of each who asks.
#[derive(Debug)]
pub(crate) struct Pace {
    limiter: Limiter,
    rate: Rate,
}

impl Pace {
    /// Lets everybody ask this often.
    pub(crate) fn new(rate: Rate) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(rate.a_second));
        let quota = quota.allow_burst(at_least_one(rate.burst));
        Self {
            limiter: RateLimiter::dashmap(quota).with_middleware(),
            rate,
        }
    }

    /// Requests that `who` may make at once after this one, or 429.
    pub(crate) fn admit(&self, who: &String) -> Result<u32, ApiError> {
        match self.limiter.check_key(who) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(not_until) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
                let Rate { a_second, burst } = self.rate;
                let message = format!(
                    "more than {a_second} requests a second (and {burst} at once); wait {seconds} s"
                );
                Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, message)
                    .with("retry-after", HeaderValue::from(seconds))
                    .with("x-ratelimit-limit", HeaderValue::from(burst))
                    .with("x-ratelimit-remaining", HeaderValue::from(0))
                    .with("x-ratelimit-reset", HeaderValue::from(seconds)))
            }
        }
    }

    /// Forgets those who have not asked for long.
    pub(crate) fn forget_quiet(&self) {
        self.limiter.retain_recent();
    }

    /// Requests at once.
    pub(crate) fn burst(&self) -> u32 {
        self.rate.burst
    }
}
