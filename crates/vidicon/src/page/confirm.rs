//! The question before something is gone for good, for browsers that cannot ask it themselves.
//! With script the page asks in a dialog and sends `sure` along.

use super::Page;
use super::form::Form;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "confirm.html")]
struct Confirm<'p> {
    page: &'p Page,
    question: String,
    /// What it is about, one line each.
    lines: Vec<String>,
    button: &'static str,
    action: String,
    back: String,
    fields: Vec<(String, String)>,
}

/// Was the question answered?
pub fn is_sure(form: &Form) -> bool {
    form.has("sure")
}

/// The page that asks, unless the answer came already: `words` are the question's and the button's. `back` is where
/// no leads.
pub fn unless_sure(
    page: &Page,
    form: &Form,
    words: (&'static str, &'static str),
    back: &str,
) -> Option<Response> {
    if is_sure(form) {
        return None;
    }
    let question = page.t(words.0).to_owned();
    Some(ask(page, form, question, Vec::new(), page.t(words.1), back))
}

/// Asks, and sends the same form again when the answer is yes. `back` is where no leads.
pub fn ask(
    page: &Page,
    form: &Form,
    question: String,
    lines: Vec<String>,
    button: &'static str,
    back: &str,
) -> Response {
    let action = page.path.clone();
    page.render(&Confirm {
        page,
        question,
        lines,
        button,
        action,
        back: back.to_owned(),
        fields: form.pairs(),
    })
}
