//! Options of the process that serves.

use clap::Args;

use super::Data;
use crate::lang::LAST;

/// What is written down of the work.
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Level of the log, such as warn, or warn,shuke=info
    #[arg(long, global = true, value_name = "LEVEL", env = "SHUKE_LOG", default_value = "warn",
        hide_env = true, hide_default_value = true, display_order = LAST)]
    pub(crate) log: String,
    /// Form of the log: lines, or JSON
    #[arg(long, global = true, value_name = "human|json", env = "SHUKE_LOG_FORMAT",
        default_value = "human", value_parser = ["human", "json"], hide_possible_values = true,
        hide_env = true, hide_default_value = true, display_order = LAST)]
    pub(crate) log_format: String,
    /// OpenTelemetry collector for traces, such as http://127.0.0.1:4318
    #[arg(long, global = true, value_name = "URL", env = "SHUKE_OTLP", hide_env = true,
        display_order = LAST)]
    pub(crate) otlp: Option<String>,
}

/// `shuke serve`
#[derive(Debug, Clone, Args)]
pub(crate) struct Serve {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// Address to listen on, of this machine alone; port 0 for any that is free
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SHUKE_LISTEN",
        hide_env_values = true,
        default_value = "127.0.0.1:8080"
    )]
    pub(crate) listen: String,
    /// Address under which people reach it, when a proxy stands before it
    #[arg(long, value_name = "URL", env = "SHUKE_URL", hide_env_values = true)]
    pub(crate) url: Option<String>,
    /// Who else vouches for people.
    #[command(flatten)]
    pub(crate) oidc: Oidc,
    /// Write events down and leave the rest alone, for measuring
    #[arg(long, hide = true)]
    pub(crate) only_accept: bool,
}

/// `shuke demo`
#[derive(Debug, Clone, Args)]
pub(crate) struct Demo {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// People of the shop, those among them who only look around and stay unknown; 20000 if left
    /// out
    #[arg(long, value_name = "COUNT")]
    pub(crate) customers: Option<u32>,
    /// Another seed makes another shop; 7 if left out
    #[arg(long, value_name = "SEED")]
    pub(crate) seed: Option<u64>,
    /// Last day of the two years, shop's time; today if left out
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Address to listen on, of this machine alone; port 0 for any that is free
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "SHUKE_LISTEN",
        hide_env_values = true,
        default_value = "127.0.0.1:8080"
    )]
    pub(crate) listen: String,
    /// End when the shop is ready, without serving it
    #[arg(long)]
    pub(crate) once: bool,
}

/// An OpenID Connect provider with which people sign in.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Oidc {
    /// OpenID Connect provider with which people may sign in; its issuer URL
    #[arg(long, value_name = "URL", env = "SHUKE_OIDC_ISSUER", hide_env_values = true)]
    pub(crate) oidc_issuer: Option<String>,
    /// What the provider calls this installation: its client id
    #[arg(long, value_name = "ID", env = "SHUKE_OIDC_CLIENT", hide_env_values = true)]
    pub(crate) oidc_client: Option<String>,
    /// The client's secret, where it has one; better in the environment or the file
    #[arg(long, value_name = "SECRET", env = "SHUKE_OIDC_SECRET", hide_env_values = true)]
    pub(crate) oidc_secret: Option<String>,
    /// What people call the provider, for the button they press
    #[arg(long, value_name = "NAME", env = "SHUKE_OIDC_NAME", hide_env_values = true)]
    pub(crate) oidc_name: Option<String>,
}
