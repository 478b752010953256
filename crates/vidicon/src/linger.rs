//! A request that is refused before its body was read: the rest of the body is taken and thrown
//! away for a while, as web servers do. A connection that closed at once would make the client's
//! system drop the answer unread, and the client would see a broken line instead of the reason.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::EXPECT;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// For so long the rest is read, whatever comes: nginx's `lingering_time`.
const LONGEST: Duration = Duration::from_secs(30);
/// A client that sends nothing for so long has read the answer: nginx's `lingering_timeout`.
const PAUSE: Duration = Duration::from_secs(5);

/// Makes what is left of the request's body be read when nobody else does.
pub fn read_rest(request: Request) -> Request {
    // Who asks before sending does not send after a refusal.
    if request.body().is_end_stream() || request.headers().contains_key(EXPECT) {
        return request;
    }
    request.map(|body| Body::new(Lingering(Some(body))))
}

struct Lingering(Option<Body>);

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if let Poll::Ready(None | Some(Err(_))) = polled {
            self.0 = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let rest = self.0.take().filter(|body| !body.is_end_stream());
        if let (Some(rest), Ok(runtime)) = (rest, tokio::runtime::Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(LONGEST, drain(rest)));
        }
    }
}

async fn drain(mut body: Body) {
    while let Ok(Some(Ok(_))) = tokio::time::timeout(PAUSE, body.frame()).await {}
}
