//! Dangerous acts of administrators ask for the password once more, where the site wants it so: a
//! browser that was left open, or a token that was lost, cannot do them alone.

use super::{User, login};
use crate::app::App;
use crate::error::{Error, Result};
use axum::http::{HeaderMap, Method};

/// Where the password stands in a request.
pub const HEADER: &str = "x-current-password";

/// Is this an act that cannot be taken back, or that gives somebody power?
fn is_dangerous(method: &Method, path: &str) -> bool {
    let Some(path) = path.strip_prefix("/api/v1/") else {
        return false;
    };
    let parts: Vec<&str> = path.split('/').collect();
    match (method.as_str(), parts.as_slice()) {
        ("POST", ["plugins", "install" | "update" | "uninstall"])
        | ("PUT" | "DELETE", ["config", "custom"])
        | ("POST", ["server", "released-names", _] | ["users"]) => true,
        ("PUT" | "DELETE", ["users", id]) => *id != "me",
        _ => false,
    }
}

/// 403 unless the act is harmless, the site does not ask, or the password was sent along.
pub async fn check(
    app: &App,
    user: &User,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<()> {
    if !is_dangerous(method, path) || !app.instance.settings().admin.confirm_password {
        return Ok(());
    }
    let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        let detail = "This act asks for your password once more.";
        return Err(Error::forbidden(detail).code("password_confirmation_required"));
    };
    if !login::knows_password(app, user, given).await? {
        return Err(
            Error::forbidden("The password is not right.").code("current_password_is_invalid")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_taken_back_is_dangerous() {
        for (method, path, wanted) in [
            (Method::POST, "/api/v1/plugins/install", true),
            (Method::DELETE, "/api/v1/users/7", true),
            (Method::PUT, "/api/v1/users/me", false),
            (Method::PUT, "/api/v1/config/custom", true),
            (Method::GET, "/api/v1/config/custom", false),
            (Method::POST, "/api/v1/server/released-names/ada", true),
            (Method::DELETE, "/api/v1/videos/7", false),
        ] {
            assert_eq!(is_dangerous(&method, path), wanted, "{method} {path}");
        }
    }
}
