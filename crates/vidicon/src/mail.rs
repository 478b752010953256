//! Outgoing mail. Slices enqueue a job `mail` (or one of their own that makes the text); nothing
//! waits for a mail server within a request.

use crate::app::App;
use crate::config;
use base::Tx;
use base::job::{JobError, NewJob};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const SILENT: &str = "the mail server does not answer in time; is mail.port right, and open?";

/// One mail to one person, as plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// A letter with what mail programs read of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    #[serde(flatten)]
    pub letter: Letter,
    /// Where a click stops letters of this sort.
    #[serde(default)]
    pub unsubscribe: Option<String>,
}

impl From<&Letter> for Post {
    fn from(letter: &Letter) -> Self {
        Post {
            letter: letter.clone(),
            unsubscribe: None,
        }
    }
}

pub struct Mail {
    way: Way,
    from: Mailbox,
    /// The settings name the sender.
    has_own_name: bool,
}

enum Way {
    Off,
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// Kept for a test to look at.
    Kept(Mutex<Vec<Letter>>),
}

/// Why a mail could not be sent, in words for an administrator.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub struct MailError {
    words: String,
    /// Worth another try later?
    passing: bool,
}

impl Mail {
    pub fn open(settings: &config::Mail, host: &str) -> anyhow::Result<Self> {
        let host = host.split(':').next().unwrap_or(host);
        let usual = format!("Vidicon <noreply@{host}>");
        let from = if settings.from.is_empty() {
            &usual
        } else {
            &settings.from
        };
        let from = from.parse().or_else(|error| {
            if settings.from.is_empty() {
                "Vidicon <noreply@localhost.invalid>"
                    .parse()
                    .map_err(anyhow::Error::from)
            } else {
                Err(anyhow::anyhow!(
                    "the setting mail.from is \"{from}\": {error}"
                ))
            }
        })?;
        let way = if settings.kept {
            Way::Kept(Mutex::default())
        } else if settings.host.is_empty() {
            Way::Off
        } else {
            Way::Smtp(transport(settings)?)
        };
        let has_own_name = !settings.from.is_empty();
        Ok(Mail {
            way,
            from,
            has_own_name,
        })
    }

    /// Is there a mail server?
    pub fn is_on(&self) -> bool {
        !matches!(self.way, Way::Off)
    }

    /// Sends a letter now.
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        self.send_post(&Post::from(letter), "").await
    }

    /// Sends it now, in the name of the site where the settings give no other.
    pub async fn send_post(&self, post: &Post, site: &str) -> Result<(), MailError> {
        match &self.way {
            Way::Off => Err(MailError {
                words: "no mail server is configured (setting mail.host)".to_owned(),
                passing: false,
            }),
            Way::Kept(kept) => {
                kept.lock().push(post.letter.clone());
                Ok(())
            }
            Way::Smtp(transport) => {
                let message = self.message(post, site)?;
                // The library waits without an end for a server that says nothing.
                let sent = tokio::time::timeout(PATIENCE, transport.send(message)).await;
                let sent = sent.map_err(|_| MailError {
                    words: SILENT.to_owned(),
                    passing: true,
                })?;
                sent.map(drop).map_err(|error| MailError {
                    words: in_words(&error),
                    passing: !error.is_permanent(),
                })
            }
        }
    }

    /// Does the mail server answer, and let us in?
    pub async fn check(&self) -> Result<(), MailError> {
        let Way::Smtp(transport) = &self.way else {
            return Ok(());
        };
        match transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(MailError {
                words: "the mail server ended the conversation at once".to_owned(),
                passing: true,
            }),
            Err(error) => Err(MailError {
                words: in_words(&error),
                passing: !error.is_permanent(),
            }),
        }
    }

    fn message(&self, post: &Post, site: &str) -> Result<Message, MailError> {
        let letter = &post.letter;
        let lasting = |words: String| MailError {
            words,
            passing: false,
        };
        let to = letter
            .to
            .parse()
            .map_err(|error| lasting(format!("\"{}\" is no mail address: {error}", letter.to)))?;
        let id = format!("<{}@{}>", base::random::token(), self.from.email.domain());
        let from = if self.has_own_name || site.is_empty() {
            self.from.clone()
        } else {
            Mailbox::new(Some(site.to_owned()), self.from.email.clone())
        };
        let mut builder = Message::builder();
        if let Some(link) = &post.unsubscribe {
            builder = builder
                .raw_header(raw("List-Unsubscribe", &format!("<{link}>")))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        builder
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(&letter.subject)
            .message_id(Some(id))
            .multipart(MultiPart::alternative_plain_html(
                letter.text.clone(),
                in_html(&letter.text),
            ))
            .map_err(|error| lasting(format!("the mail could not be written: {error}")))
    }

    /// What a test's mail box holds; each call empties it.
    pub fn take_kept(&self) -> Vec<Letter> {
        match &self.way {
            Way::Kept(kept) => std::mem::take(&mut *kept.lock()),
            Way::Off | Way::Smtp(_) => Vec::new(),
        }
    }
}

/// The same words for programs that show HTML: paragraphs, and addresses that can be clicked.
fn in_html(text: &str) -> String {
    let escaped = crate::text::escaped(text);
    let mut html = String::from(
        "<!doctype html><html><body style=\"font-family:sans-serif;line-height:1.5;\
         max-width:40em\">",
    );
    for paragraph in escaped.trim().split("\n\n") {
        html.push_str("<p dir=\"auto\">");
        for word in paragraph.split_inclusive([' ', '\n']) {
            let bare = word.trim_end();
            let is_link = bare.starts_with("https://") || bare.starts_with("http://");
            if is_link {
                html.push_str(&format!("<a href=\"{bare}\">{bare}</a>"));
            } else {
                html.push_str(bare);
            }
            let rest = word.get(bare.len()..).unwrap_or_default();
            html.push_str(&rest.replace('\n', "<br>"));
        }
        html.push_str("</p>");
    }
    html.push_str("</body></html>");
    html
}

fn transport(settings: &config::Mail) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
    let parameters = || TlsParameters::new(settings.host.clone());
    let (tls, usual_port) = match settings.tls.as_str() {
        "none" => (Tls::None, 25),
        "implicit" => (Tls::Wrapper(parameters()?), 465),
        _ => (Tls::Required(parameters()?), 587),
    };
    let port = if settings.port == 0 {
        usual_port
    } else {
        settings.port
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
        .port(port)
        .tls(tls)
        .timeout(Some(PATIENCE));
    if !settings.username.is_empty() {
        let credentials = Credentials::new(settings.username.clone(), settings.password.clone());
        builder = builder.credentials(credentials);
    }
    Ok(builder.build())
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The cause and, where it is known, the cure.
fn in_words(error: &lettre::transport::smtp::Error) -> String {
    let code = error.status().map(|code| code.to_string());
    let said = cause(error);
    match code.as_deref() {
        Some("535" | "534" | "530") => {
            format!(
                "the mail server refuses the user name or password (mail.username, mail.password): {said}"
            )
        }
        Some("550" | "551" | "553" | "554") => {
            format!(
                "the mail server refuses this sender or recipient (is mail.from allowed to send?): {said}"
            )
        }
        Some("421" | "450" | "451" | "452") => {
            format!("the mail server asks to try again later: {said}")
        }
        Some(_) => format!("the mail server answered: {said}"),
        None if error.is_timeout() => SILENT.to_owned(),
        None if error.is_tls() => format!(
            "no encrypted connection to the mail server (mail.tls can be starttls, implicit or none): {said}"
        ),
        None => format!("the mail server cannot be reached (mail.host, mail.port): {said}"),
    }
}

fn cause(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// Sends the letter soon, after the transaction. Nothing happens where there is no mail server.
pub async fn enqueue(app: &App, tx: &mut Tx, letter: &Letter) -> base::db::Result<()> {
    enqueue_post(app, tx, &Post::from(letter)).await
}

/// As [`enqueue`], with a link that stops such letters.
pub async fn enqueue_post(app: &App, tx: &mut Tx, post: &Post) -> base::db::Result<()> {
    if !app.mail.is_on() {
        return Ok(());
    }
    let payload = serde_json::to_value(post).unwrap_or_default();
    NewJob::new("mail", payload)
        .enqueue(tx, app.clock.now())
        .await
        .map(drop)
}

/// For a job: sends one letter now.
pub async fn deliver(app: &App, letter: &Letter) -> Result<(), JobError> {
    deliver_post(app, &Post::from(letter)).await
}

/// As [`deliver`], with a link that stops such letters.
pub async fn deliver_post(app: &App, post: &Post) -> Result<(), JobError> {
    app.mail
        .send_post(post, &app.instance.name())
        .await
        .map_err(|error| {
            if error.passing {
                JobError::Retry(error.words)
            } else {
                JobError::Fail(error.words)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::in_html;

    #[test]
    fn words_stay_words_and_addresses_become_links() {
        let html = in_html("Hello <b>Ada</b>,\n\nsee https://video.test/?a=1&b=2\nBye\n");
        assert!(
            html.contains("<p dir=\"auto\">Hello &lt;b&gt;Ada&lt;/b&gt;,</p>"),
            "{html}"
        );
        let link =
            "<a href=\"https://video.test/?a=1&amp;b=2\">https://video.test/?a=1&amp;b=2</a>";
        assert!(html.contains(&format!("see {link}<br>Bye</p>")), "{html}");
    }

    #[test]
    fn hostile_words_make_no_element() {
        let html = in_html(
            "\"'><img src=x onerror=alert(1)></a></p> https://a.test/\"onmouseover=\"alert(1)\n\n\
             javascript:alert(2) <a href=https://b.test>\n\n</body><script>alert(3)</script>\n\n\
             [x](javascript:alert(4)) https://c.test/<b>",
        );
        let known = [
            "!doctype", "html", "body", "p", "a", "br", "/p", "/a", "/body", "/html",
        ];
        for tag in html.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("every element is closed");
            let name = tag.split(' ').next().unwrap_or_default();
            assert!(known.contains(&name), "{name} in {html}");
            let quotes = tag.matches('"').count();
            let wanted = if matches!(name, "body" | "p" | "a") {
                2
            } else {
                0
            };
            assert_eq!(quotes, wanted, "{tag}");
            if name == "a" {
                assert!(tag.starts_with("a href=\"https://"), "{tag}");
            }
        }
    }
}
