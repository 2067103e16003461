//! Settings of access: keys, limits, connections, TLS and other origins.

use super::layers::{Layers, parse};
use super::state::StateSettings;
use clap::Args;
use heartstrings_http::{LimitOptions, TlsFiles};
use std::path::PathBuf;

/// The settings of access as flags and environment variables, not yet checked.
#[derive(Args, Clone, Debug, Default)]
pub struct AccessFlags {
    /// Serve without keys on an address that other machines can reach: true or false
    /// [default: false]
    #[arg(
        long, env = "HEARTSTRINGS_ALLOW_ANONYMOUS", value_name = "BOOL", global = true,
        num_args = 0..=1, default_missing_value = "true"
    )]
    pub allow_anonymous: Option<String>,
    /// File of the keys' hashes; once it exists, every request needs a key [default: keys.json in the
    /// folder of --state, or else the store's folder with .keys.json after its name]
    #[arg(long, env = "HEARTSTRINGS_KEYS_FILE", value_name = "FILE", global = true)]
    pub keys_file: Option<String>,
    /// Requests per second for each key, or each address without one; 0 for no limit [default: 0]
    #[arg(long, env = "HEARTSTRINGS_RATE_LIMIT", value_name = "N", global = true)]
    pub rate_limit: Option<String>,
    /// Requests that may come at once before --rate-limit counts [default: ten times the limit]
    #[arg(long, env = "HEARTSTRINGS_RATE_BURST", value_name = "N", global = true)]
    pub rate_burst: Option<String>,
    /// Requests of one key or address that are answered at the same time, whose texts together fill
    /// no more than a share of the queue; 0 for no limit on either [default: 256]
    #[arg(long, env = "HEARTSTRINGS_REQUESTS_AT_ONCE", value_name = "N", global = true)]
    pub requests_at_once: Option<String>,
    /// Memory for the bodies of all requests together, in MiB; more get 503 [default: 256]
    #[arg(long, env = "HEARTSTRINGS_BODY_MEMORY_MIB", value_name = "MIB", global = true)]
    pub body_memory_mib: Option<String>,
    /// Most connections at the same time; more wait until one closes [default: 16384]
    #[arg(long, env = "HEARTSTRINGS_CONNECTIONS", value_name = "N", global = true)]
    pub connections: Option<String>,
    /// Most connections from one address; more are closed; 0 for no limit [default: 4096]
    #[arg(long, env = "HEARTSTRINGS_CONNECTIONS_PER_ADDRESS", value_name = "N", global = true)]
    pub connections_per_address: Option<String>,
    /// PEM file of a certificate: serve https; read again when it changes [default: none]
    #[arg(long, env = "HEARTSTRINGS_TLS_CERTIFICATE", value_name = "FILE", global = true)]
    pub tls_certificate: Option<String>,
    /// PEM file of the certificate's private key [default: none]
    #[arg(long, env = "HEARTSTRINGS_TLS_KEY", value_name = "FILE", global = true)]
    pub tls_key: Option<String>,
    /// Web pages of these origins may use the API, such as `https://shop.example`, separated by
    /// commas; * for all [default: none]
    #[arg(long, env = "HEARTSTRINGS_CORS_ORIGINS", value_name = "ORIGINS", global = true)]
    pub cors_origins: Option<String>,
}

/// The settings of access, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSettings {
    /// Whether to serve without keys beyond loopback.
    pub allow_anonymous: bool,
    /// File of the keys' hashes.
    pub keys_file: PathBuf,
    /// What one caller may ask for.
    pub limits: LimitOptions,
    /// Most bytes of bodies that are held at the same time, over all connections.
    pub body_memory: usize,
    /// Most connections at the same time.
    pub connections: usize,
    /// Most connections from one address; 0 for no limit.
    pub connections_per_address: u32,
    /// Where the certificate is, when there is one.
    pub tls: Option<TlsFiles>,
    /// Origins whose pages may use the API.
    pub cors_origins: Vec<String>,
}

/// Their keys in a settings file.
pub(super) const KEYS: &[&str] = &[
    "allow_anonymous",
    "keys_file",
    "rate_limit",
    "rate_burst",
    "requests_at_once",
    "body_memory_mib",
    "connections",
    "connections_per_address",
    "tls_certificate",
    "tls_key",
    "cors_origins",
];

impl AccessSettings {
    /// Reads them out of the layers.
    pub(super) fn resolve(layers: &mut Layers, flags: &AccessFlags, state: &StateSettings) -> Self {
        let mut number = |key, flag, default, range| {
            // The ranges end below what these types hold.
            u32::try_from(layers.count(key, flag, default, range)).unwrap_or(u32::MAX)
        };
        let rate = number("rate_limit", &flags.rate_limit, 0, 0..=1_000_000);
        let ten_seconds = (rate as usize).saturating_mul(10).max(1);
        let limits = LimitOptions {
            rate,
            burst: number("rate_burst", &flags.rate_burst, ten_seconds, 1..=10_000_000),
            in_flight: number("requests_at_once", &flags.requests_at_once, 256, 0..=1 << 20),
        };
        // At least one body of each kind must fit.
        let body_memory = number("body_memory_mib", &flags.body_memory_mib, 256, 16..=1 << 16);
        let connections = number("connections", &flags.connections, 16_384, 1..=1 << 20);
        let connections_per_address =
            number("connections_per_address", &flags.connections_per_address, 4_096, 0..=1 << 20);
        let file = |text: &str| Ok((!text.is_empty()).then(|| PathBuf::from(text)));
        let keys_file = layers.get("keys_file", &flags.keys_file, "", file);
        let certificate = layers.get("tls_certificate", &flags.tls_certificate, "", file);
        let key = layers.get("tls_key", &flags.tls_key, "", file);
        let tls = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            (Some(_), None) => {
                layers.mistakes.push("tls_key: a certificate needs its key; name its file".into());
                None
            }
            (None, Some(_)) => {
                layers
                    .mistakes
                    .push("tls_certificate: a key needs its certificate; name its file".to_owned());
                None
            }
        };
        Self {
            allow_anonymous: layers.get("allow_anonymous", &flags.allow_anonymous, "false", parse),
            keys_file: keys_file.unwrap_or_else(|| state.keys_file.clone()),
            limits,
            body_memory: (body_memory as usize) << 20,
            connections: connections as usize,
            connections_per_address,
            tls,
            cors_origins: layers.get("cors_origins", &flags.cors_origins, "", origins),
        }
    }
}

/// Origins as browsers send them: a scheme, a host, perhaps a port, and nothing behind.
fn origins(list: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for origin in list.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let fits = |host: &str| {
            let plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
            !host.is_empty() && host.chars().all(plain)
        };
        if origin != "*" && !host.is_some_and(fits) {
            return Err(format!(
                "{origin:?} is not an origin; write it as browsers do, in lower case and without a \
                 path: https://shop.example"
            ));
        }
        found.push(origin.to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Flags, Settings, SettingsError, StateFlags};

    fn resolve(listen: &str, access: AccessFlags) -> Result<Settings, SettingsError> {
        Settings::resolve(&Flags { listen: Some(listen.into()), access, ..Flags::default() })
    }

    #[test]
    fn other_machines_are_let_in_only_on_purpose_or_with_keys() {
        let open = |allow: Option<&str>| {
            let allow_anonymous = allow.map(str::to_owned);
            resolve("0.0.0.0:8080", AccessFlags { allow_anonymous, ..AccessFlags::default() })
                .unwrap()
        };
        assert!(open(None).check_exposure(false).is_err());
        assert!(open(None).check_exposure(true).is_ok());
        assert!(open(Some("true")).check_exposure(false).is_ok());
    }

    #[test]
    fn half_a_certificate_and_odd_origins_are_mistakes() {
        let flags = AccessFlags {
            tls_key: Some("key.pem".into()),
            cors_origins: Some("https://shop.example/path".into()),
            rate_limit: Some("many".into()),
            ..AccessFlags::default()
        };
        let SettingsError(mistakes) = resolve("127.0.0.1:1", flags).unwrap_err();
        let keys: Vec<_> = mistakes.iter().map(|m| m.split(':').next().unwrap()).collect();
        assert_eq!(keys, ["rate_limit", "tls_certificate", "cors_origins"]);
    }

    #[test]
    fn keys_are_in_the_state_folder_unless_their_file_is_named() {
        let keys_file = |state: &str, keys_file: Option<&str>| {
            let flags = Flags {
                state: StateFlags { state: Some(state.into()) },
                access: AccessFlags {
                    keys_file: keys_file.map(str::to_owned),
                    ..AccessFlags::default()
                },
                ..Flags::default()
            };
            Settings::resolve(&flags).unwrap().access.keys_file
        };
        assert_eq!(keys_file("/var/lib/state/", None), PathBuf::from("/var/lib/state/keys.json"));
        assert_eq!(keys_file("/state", Some("my.json")), PathBuf::from("my.json"));
        assert_eq!(keys_file("", None), PathBuf::from("./data.keys.json"));
    }

    #[test]
    fn keys_are_beside_the_store_and_the_burst_goes_with_the_rate() {
        let flags = AccessFlags {
            rate_limit: Some("5".into()),
            cors_origins: Some("https://a.example, http://127.0.0.1:3000".into()),
            ..AccessFlags::default()
        };
        let access = resolve("127.0.0.1:1", flags).unwrap().access;
        assert_eq!(access.keys_file, PathBuf::from("./data.keys.json"));
        assert_eq!((access.limits.rate, access.limits.burst), (5, 50));
        assert_eq!(access.cors_origins, ["https://a.example", "http://127.0.0.1:3000"]);
    }
}
