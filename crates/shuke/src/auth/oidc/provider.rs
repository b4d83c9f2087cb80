//! The provider that is named in the configuration, and what is asked of it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base::{Code, Error, Result};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreProviderMetadata,
};
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EmptyAdditionalClaims, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse, UserInfoClaims,
};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::{Host, Url};

use super::{Claims, Journey};
use crate::auth::user;
use crate::cli;

/// Where the provider sends people back to, below the server's own address.
pub(crate) const BACK: &str = "/api/v1/oidc/back";
/// How long the provider may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Bytes of a provider's answer at the most.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// How long it is remembered what a provider says of itself, and its keys.
const KNOWN_MAX: Duration = Duration::from_secs(600);

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Provider(Arc<Inner>);

struct Inner {
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<ClientSecret>,
    name: String,
    http: reqwest::Client,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Provider").field(&self.0.issuer.as_str()).finish()
    }
}

impl Provider {
    /// The provider that the configuration names, if it names one.
    ///
    /// # Errors
    /// `wrong_use` for an address that will not do, or when only a part is named.
    pub(crate) fn asked(asked: &cli::Oidc) -> Result<Option<Self>> {
        let wrong =
            |field: &str, text: &str| Error::new(Code::WrongUse, text).field(field.to_owned());
        let (issuer, client) = match (&asked.oidc_issuer, &asked.oidc_client) {
            (Some(issuer), Some(client)) => (issuer, client),
            (Some(_), None) => {
                return Err(wrong("--oidc-client", "needed with --oidc-issuer"));
            }
            (None, None) if asked.oidc_secret.is_none() && asked.oidc_name.is_none() => {
                return Ok(None);
            }
            (None, _) => {
                return Err(wrong("--oidc-issuer", "needed with the other --oidc options"));
            }
        };
        let parsed = Url::parse(issuer)
            .map_err(|cause| wrong("--oidc-issuer", "is no address").because(cause))?;
        if parsed.scheme() != "https" && !is_local(&parsed) {
            let text = "must begin with https://, unless it is on this machine";
            return Err(wrong("--oidc-issuer", text));
        }
        let name = asked.oidc_name.clone();
        let name = name.unwrap_or_else(|| parsed.host_str().unwrap_or_default().to_owned());
        // A redirect could lead to an address that only this machine reaches.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_MAX)
            .build()
            .map_err(|cause| Error::internal("no HTTP client could be made", cause))?;
        let issuer = IssuerUrl::new(issuer.clone())
            .map_err(|cause| wrong("--oidc-issuer", "is no address").because(cause))?;
        Ok(Some(Self(Arc::new(Inner {
            issuer,
            client: ClientId::new(client.clone()),
            secret: asked.oidc_secret.clone().map(ClientSecret::new),
            name,
            http,
            known: Mutex::new(None),
        }))))
    }

    /// Its own address.
    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// Where to send somebody who sets out; `url` is the server's own address.
    pub(super) async fn address(&self, url: &str, journey: &Journey) -> Result<String> {
        let client = self.client(url, false).await?;
        let verifier = PkceCodeVerifier::new(journey.verifier.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let (state, nonce) = (journey.state.clone(), journey.nonce.clone());
        let (address, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(address.into())
    }

    /// Who came back with `code`.
    pub(super) async fn claims(&self, url: &str, journey: &Journey, code: &str) -> Result<Claims> {
        let client = self.client(url, false).await?;
        let token = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(unheld)?
            .set_pkce_verifier(PkceCodeVerifier::new(journey.verifier.clone()))
            .request_async(&self.sender())
            .await
            .map_err(unheld)?;
        let none = || Error::new(Code::Unauthorized, "the provider sent no token of who it is");
        let id = token.id_token().ok_or_else(none)?;
        let nonce = Nonce::new(journey.nonce.clone());
        // The provider may have changed its keys since they were read.
        let holds = id.claims(&client.id_token_verifier(), &nonce).is_ok();
        let client = if holds { client } else { self.client(url, true).await? };
        let verifier = client.id_token_verifier();
        let claims = id.claims(&verifier, &nonce).map_err(unheld)?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id.signing_alg().map_err(unheld)?;
            let signed_by = id.signing_key(&verifier).map_err(unheld)?;
            let hash = AccessTokenHash::from_token(token.access_token(), algorithm, signed_by);
            if hash.map_err(unheld)? != *expected {
                return Err(Error::new(Code::Unauthorized, "the provider's tokens do not match"));
            }
        }
        let name = claims.name().and_then(|names| names.get(None)).map(|name| name.to_string());
        let own = (claims.email().map(|email| email.to_string()), claims.email_verified(), name);
        // Some providers tell addresses only to who asks for them.
        let (email, verified, name) = match own.0.is_some() {
            true => own,
            false => {
                let told: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> = client
                    .user_info(token.access_token().clone(), Some(claims.subject().clone()))
                    .map_err(unheld)?
                    .request_async(&self.sender())
                    .await
                    .map_err(unheld)?;
                let name = told.name().and_then(|names| names.get(None));
                let name = name.map(|name| name.to_string()).or(own.2);
                (told.email().map(|email| email.to_string()), told.email_verified(), name)
            }
        };
        let email = email.filter(|_| verified == Some(true));
        Ok(Claims {
            issuer: self.0.issuer.to_string(),
            subject: claims.subject().to_string(),
            email: email.and_then(|email| user::address(&email).ok()),
            name,
        })
    }

    /// A client of the provider, by what it says of itself; `anew` when that must be read again.
    async fn client(&self, url: &str, anew: bool) -> Result<Client> {
        let metadata = self.metadata(anew).await?;
        let back = format!("{}{BACK}", url.trim_end_matches('/'));
        let back = RedirectUrl::new(back)
            .map_err(|cause| Error::internal("the server's own address is none", cause))?;
        let Inner { client, secret, .. } = &*self.0;
        Ok(CoreClient::from_provider_metadata(metadata, client.clone(), secret.clone())
            .set_redirect_uri(back))
    }

    async fn metadata(&self, anew: bool) -> Result<CoreProviderMetadata> {
        let mut known = self.0.known.lock().await;
        if let Some((at, metadata)) = &*known
            && !anew
            && at.elapsed() < KNOWN_MAX
        {
            return Ok(metadata.clone());
        }
        let issuer = self.0.issuer.clone();
        let metadata =
            CoreProviderMetadata::discover_async(issuer, &self.sender()).await.map_err(silent)?;
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }

    fn sender(&self) -> impl for<'c> AsyncHttpClient<'c, Error = Error, Future: Send> + use<> {
        let http = self.0.http.clone();
        move |request: HttpRequest| send(http.clone(), request)
    }
}

/// Sends a request to the provider.
async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse> {
    let request = reqwest::Request::try_from(request).map_err(silent)?;
    let mut answer = http.execute(request).await.map_err(silent)?;
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(silent)? {
        if body.len() + part.len() > ANSWER_BYTES_MAX {
            return Err(Error::new(Code::TooLarge, "the provider's answer is too long"));
        }
        body.extend_from_slice(&part);
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    Ok(response)
}

/// Whether an address is of this machine.
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn silent(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(Code::Busy, "the sign-in provider does not answer")
        .hint("try again in a moment, or sign in with a password")
        .because(cause)
}

fn unheld(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(Code::Unauthorized, "the sign-in provider's answer does not hold")
        .hint("begin again")
        .because(cause)
}
