//! What can be set: by flags, else by environment, else by a file, else as it is here.

mod error;

pub use error::SettingsError;

use crate::device::BAUD;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Bytes of the largest request body.
pub const DEFAULT_BODY_BYTES: usize = 32 << 20;

/// The file with settings in the data folder, read if it is there.
pub const FILE_NAME: &str = "memt.toml";

/// The settings as they are given; each may be missing.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Given {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", env = "MEMT_ADDR")]
    pub addr: Option<SocketAddr>,
    /// Where memories are kept: redb (a file in the data folder), or a database that servers share,
    /// postgres://USER:PASSWORD@HOST/DATABASE (in builds with --features postgres)
    #[arg(long, value_name = "STORE", env = "MEMT_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// A key that opens all memories; without any key, only this computer is answered
    #[arg(long, value_name = "KEY", env = "MEMT_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,
    /// Certificate chain (PEM), for HTTPS
    #[arg(long, value_name = "FILE", env = "MEMT_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key (PEM), for HTTPS
    #[arg(long, value_name = "FILE", env = "MEMT_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A web page's origin that may ask, such as https://app.example.org; `*` for all. May be repeated
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "MEMT_CORS_ORIGIN",
        value_delimiter = ','
    )]
    pub cors_origin: Vec<String>,
    /// A name under which browsers may reach a server without keys. May be repeated
    #[arg(
        long,
        value_name = "HOST",
        env = "MEMT_ALLOWED_HOST",
        value_delimiter = ','
    )]
    pub allowed_host: Vec<String>,
    /// Most bytes of a request
    #[arg(long, value_name = "BYTES", env = "MEMT_BODY_LIMIT")]
    pub body_limit: Option<usize>,
    /// Most requests a second of each key, or of each address where there are no keys
    #[arg(long, value_name = "N", env = "MEMT_RATE_LIMIT")]
    pub rate_limit: Option<u32>,
    /// Requests that may come at once before the rate counts; ten seconds' worth without it
    #[arg(long, value_name = "N", env = "MEMT_RATE_BURST")]
    pub rate_burst: Option<u32>,
    /// Roles whose messages are stored; all but system and developer without it
    #[arg(
        long,
        value_name = "ROLE",
        env = "MEMT_STORE_ROLES",
        value_delimiter = ','
    )]
    pub store_roles: Vec<String>,
    /// Split messages longer than this many bytes into sentences, each a memory
    #[arg(long, value_name = "BYTES", env = "MEMT_SPLIT_BEYOND")]
    pub split_beyond: Option<usize>,
    /// Answer from an approximate index where an owner has at least N memories; it is built at the start
    #[arg(long, value_name = "N", env = "MEMT_APPROXIMATE")]
    pub approximate: Option<usize>,
    /// A device that the inspector shows: a serial port such as /dev/ttyACM0, or tcp:HOST:PORT
    #[arg(long, value_name = "PORT", env = "MEMT_DEVICE")]
    pub device: Option<String>,
    /// Bits a second on the device's serial port; 115,200 without it
    #[arg(long, value_name = "BAUD", env = "MEMT_DEVICE_BAUD")]
    pub device_baud: Option<u32>,
    /// Offer assistants the tools of OpenMemory too: add_memories, search_memory, list_memories, delete_memories
    #[arg(long, env = "MEMT_OPENMEMORY")]
    pub openmemory: bool,
    /// How logs are written
    #[arg(long, value_enum, env = "MEMT_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Least importance of what is logged
    #[arg(long, value_enum, env = "MEMT_LOG")]
    pub log: Option<LogLevel>,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What may need attention.
    Warn,
    /// Start, end, and failed requests.
    #[default]
    Info,
    /// Every request.
    Debug,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the bank file and all that belongs to it.
    pub data: PathBuf,
    /// Address and port.
    pub addr: SocketAddr,
    /// The key that opens all memories.
    pub api_key: Option<String>,
    /// Certificate chain and private key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Origins of web pages that may ask.
    pub cors_origins: Vec<String>,
    /// Names under which a server without keys may be reached, beside those of this computer.
    pub allowed_hosts: Vec<String>,
    /// Most bytes of a request.
    pub body_limit: usize,
    /// Requests a second and at once.
    pub rate: Option<Rate>,
    /// Roles whose messages are stored; empty for all but system and developer.
    pub store_roles: Vec<String>,
    /// Bytes beyond which messages are split into sentences.
    pub split_beyond: Option<usize>,
    /// The port of a device that the inspector shows, and bits a second.
    pub device: Option<(String, u32)>,
    /// Whether assistants are offered the tools of OpenMemory too.
    pub openmemory: bool,
    /// How logs are written.
    pub log_format: LogFormat,
    /// How much is logged.
    pub log: LogLevel,
}

/// How often may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub a_second: u32,
    /// At once.
    pub burst: u32,
}

impl Given {
    /// Those of a file; none if there is no file and none had to be there.
    pub fn read(data: &Path, named: Option<&Path>) -> Result<Self, SettingsError> {
        let path = named.map_or_else(|| data.join(FILE_NAME), Path::to_owned);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(SettingsError::Read { path, error }),
        };
        toml::from_str(&text).map_err(|error| SettingsError::File {
            path,
            error: Box::new(error),
        })
    }

    /// These, and `others` where these are missing.
    pub fn or(self, others: Self) -> Self {
        let either = |mine: Vec<String>, theirs| if mine.is_empty() { theirs } else { mine };
        Self {
            addr: self.addr.or(others.addr),
            store: self.store.or(others.store),
            api_key: self.api_key.or(others.api_key),
            tls_cert: self.tls_cert.or(others.tls_cert),
            tls_key: self.tls_key.or(others.tls_key),
            cors_origin: either(self.cors_origin, others.cors_origin),
            allowed_host: either(self.allowed_host, others.allowed_host),
            body_limit: self.body_limit.or(others.body_limit),
            rate_limit: self.rate_limit.or(others.rate_limit),
            rate_burst: self.rate_burst.or(others.rate_burst),
            store_roles: either(self.store_roles, others.store_roles),
            split_beyond: self.split_beyond.or(others.split_beyond),
            approximate: self.approximate.or(others.approximate),
            device: self.device.or(others.device),
            device_baud: self.device_baud.or(others.device_baud),
            openmemory: self.openmemory || others.openmemory,
            log_format: self.log_format.or(others.log_format),
            log: self.log.or(others.log),
        }
    }

    /// The settings in force, for a data folder.
    pub fn settle(self, data: PathBuf) -> Result<Settings, SettingsError> {
        const LEAST_BODY: usize = 1024;
        let body_limit = self.body_limit.unwrap_or(DEFAULT_BODY_BYTES);
        at_least("body-limit", body_limit, LEAST_BODY)?;
        let rate = match self.rate_limit {
            None => None,
            Some(a_second) => {
                at_least("rate-limit", a_second as usize, 1)?;
                let burst = self.rate_burst.unwrap_or(a_second.saturating_mul(10));
                at_least("rate-burst", burst as usize, 1)?;
                Some(Rate { a_second, burst })
            }
        };
        Ok(Settings {
            data,
            addr: self.addr.unwrap_or(SocketAddr::new(
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                DEFAULT_PORT,
            )),
            api_key: self.api_key.filter(|key| !key.is_empty()),
            tls: self.tls_cert.zip(self.tls_key),
            cors_origins: self.cors_origin,
            allowed_hosts: self.allowed_host,
            body_limit,
            rate,
            store_roles: self.store_roles,
            split_beyond: self.split_beyond,
            device: self
                .device
                .filter(|port| !port.is_empty())
                .map(|port| (port, self.device_baud.unwrap_or(BAUD))),
            openmemory: self.openmemory,
            log_format: self.log_format.unwrap_or_default(),
            log: self.log.unwrap_or_default(),
        })
    }
}

/// The port where none is given.
pub const DEFAULT_PORT: u16 = 8123;

fn at_least(name: &'static str, given: usize, least: usize) -> Result<(), SettingsError> {
    match given >= least {
        true => Ok(()),
        false => Err(SettingsError::Range { name, given, least }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_before_the_file() {
        let file: Given = toml::from_str(
            "addr = \"127.0.0.1:1\"\nrate-limit = 5\napproximate = 9\nlog = \"debug\"",
        )
        .unwrap();
        let flags = Given {
            rate_limit: Some(7),
            ..Given::default()
        };
        let given = flags.or(file);
        assert_eq!(given.approximate, Some(9));
        let settings = given.settle(PathBuf::from("d")).unwrap();
        assert_eq!(settings.addr.port(), 1);
        let rate = Rate {
            a_second: 7,
            burst: 70,
        };
        assert_eq!((settings.rate, settings.log), (Some(rate), LogLevel::Debug));
        assert_eq!(settings.body_limit, DEFAULT_BODY_BYTES);
    }

    #[test]
    fn the_sample_names_every_setting() {
        let sample = include_str!("../../deploy/memt.toml");
        assert_eq!(toml::from_str::<Given>(sample).unwrap().addr, None);
        let settings = sample.lines().filter_map(|line| line.strip_prefix("# "));
        let settings: Vec<&str> = settings.filter(|line| line.contains(" = ")).collect();
        let given: Given = toml::from_str(&settings.join("\n")).unwrap();
        assert!(given.settle(PathBuf::new()).is_ok());
        let all = <Given as clap::Args>::augment_args(clap::Command::new("memt"));
        for setting in all.get_arguments() {
            let name = format!("{} = ", setting.get_long().unwrap());
            let named = settings.iter().any(|line| line.starts_with(&name));
            assert!(named, "{name}");
        }
    }

    #[test]
    fn unknown_settings_and_numbers_out_of_range_are_refused() {
        assert!(toml::from_str::<Given>("adr = 1").is_err());
        let small = Given {
            body_limit: Some(7),
            ..Given::default()
        };
        let error = small.settle(PathBuf::new()).unwrap_err();
        assert_eq!(error.to_string(), "body-limit is 7; the least is 1024");
    }
}
