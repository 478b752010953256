//! Gets a certificate from an authority that speaks ACME (RFC 8555).

use super::store::{self, Challenge};
use super::{Certificate, names, tls};
use crate::app::App;
use crate::config::ChallengeKind;
use crate::instance;
use crate::vault::What;
use anyhow::{Context, bail};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use std::time::Duration;

/// How long the authority may take to check a name or to sign.
const PATIENCE: Duration = Duration::from_secs(90);

pub async fn obtain(app: &App) -> anyhow::Result<()> {
    let names = names(app);
    let account = account(app)
        .await
        .context("the account with the certificate authority")?;
    let identifiers: Vec<Identifier> = names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account
        .new_order(&NewOrder::new(&identifiers))
        .await
        .context("order a certificate")?;
    let outcome = prove_and_sign(app, &mut order).await;
    store::forget_challenges(&app.db).await?;
    let (chain_pem, key_pem) = outcome?;
    let (not_before, not_after) = tls::validity(&chain_pem).context("read the new certificate")?;
    let now = app.clock.now();
    let key_pem = app.vault.seal(What::CertificateKey, &key_pem)?;
    let new = Certificate {
        chain_pem,
        key_pem,
        not_before,
        not_after,
        updated_at: now,
    };
    let first = names.first().context("no name to get a certificate for")?;
    store::save_certificate(&app.db, first, &new).await?;
    tracing::info!(names = names.join(", "), "a new certificate is in use");
    Ok(())
}

async fn prove_and_sign(app: &App, order: &mut Order) -> anyhow::Result<(String, String)> {
    prove(app, order).await?;
    let policy = RetryPolicy::new().timeout(PATIENCE);
    match order.poll_ready(&policy).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) => bail!(why_refused(order, None).await),
        Err(error) => bail!(why_refused(order, Some(&error)).await),
    }
    let key_pem = order
        .finalize()
        .await
        .context("have the certificate signed")?;
    let chain_pem = order
        .poll_certificate(&policy)
        .await
        .context("fetch the certificate")?;
    Ok((chain_pem, key_pem))
}

/// Lays out the proof for each name where the authority will look for it.
async fn prove(app: &App, order: &mut Order) -> anyhow::Result<()> {
    let kind = match app.config.tls.challenge {
        ChallengeKind::Http => ChallengeType::Http01,
        ChallengeKind::TlsAlpn => ChallengeType::TlsAlpn01,
    };
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let mut challenge = authorization
            .challenge(kind.clone())
            .context("the certificate authority does not offer this kind of check")?;
        let answer = challenge.key_authorization();
        let laid_out = Challenge {
            token: challenge.token.clone(),
            name: challenge.identifier().to_string(),
            key_authorization: answer.as_str().to_owned(),
            digest: answer.digest().as_ref().to_vec(),
        };
        store::add_challenge(&app.db, &laid_out, app.clock.now()).await?;
        challenge.set_ready().await.context("ask for the check")?;
    }
    Ok(())
}

/// What the authority found wrong, with what to do about it.
async fn why_refused(order: &mut Order, said: Option<&instant_acme::Error>) -> String {
    let mut reasons = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(authorization)) = authorizations.next().await {
        let name = authorization.identifier().to_string();
        for challenge in &authorization.challenges {
            if let Some(problem) = &challenge.error {
                let detail = problem.detail.clone().unwrap_or_default();
                reasons.push(format!("{name}: {detail}"));
            }
        }
    }
    let reasons = if reasons.is_empty() {
        said.map_or_else(|| "no reason was given".to_owned(), ToString::to_string)
    } else {
        reasons.join("; ")
    };
    format!(
        "The certificate authority could not see that the name is yours ({reasons}). Check that \
         the name points to this machine and that ports 80 and 443 reach it."
    )
}

/// The site's account with the authority: the kept one, or a new one.
async fn account(app: &App) -> anyhow::Result<Account> {
    let config = &app.config.tls;
    let fact = format!("acme_account {}", config.directory);
    let builder = || match &config.directory_ca {
        Some(path) => Account::builder_with_root(path),
        None => Account::builder(),
    };
    if let Some(kept) = instance::fact(&app.db, &fact).await? {
        let text = match &kept {
            serde_json::Value::String(sealed) => app.vault.open(What::AcmeAccount, sealed)?,
            // Of a version that did not seal it.
            open => {
                keep_account(app, &fact, &open.to_string()).await?;
                open.to_string()
            }
        };
        let credentials: AccountCredentials = serde_json::from_str(&text)?;
        return Ok(builder()?.from_credentials(credentials).await?);
    }
    let contact = format!("mailto:{}", config.email);
    let contacts = if config.email.is_empty() {
        Vec::new()
    } else {
        vec![contact.as_str()]
    };
    let new = NewAccount {
        contact: &contacts,
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let (account, credentials) = builder()?
        .create(&new, config.directory.clone(), None)
        .await?;
    keep_account(app, &fact, &serde_json::to_string(&credentials)?).await?;
    Ok(account)
}

async fn keep_account(app: &App, fact: &str, credentials: &str) -> anyhow::Result<()> {
    let sealed = app.vault.seal(What::AcmeAccount, credentials)?;
    instance::keep_fact(&app.db, &app.clock, fact, sealed.into()).await?;
    Ok(())
}
