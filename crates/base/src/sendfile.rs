//! Files on their way to a viewer without a copy through this program: the system takes them from its memory to the
//! socket (`sendfile`). The HTTP library knows bodies of bytes only, so [`Outgoing::lend`] gives it bytes that stand
//! for a piece of a file, and [`Socket`], when it is to write these, has the system send the piece.
//!
//! That works where nothing between the two reads, changes or reorders the bytes: HTTP/1 without TLS. There one answer
//! follows the other on a connection, so the pieces are sent in the order in which they were lent; a piece that is not
//! the next one ends the connection.

use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// The longest piece.
pub const PIECE_BYTES: usize = 256 * 1024;

/// What stands for a piece. Its place in memory is what it is known by; it is never read.
static BLANK: [u8; PIECE_BYTES] = [0; PIECE_BYTES];

/// The pieces of files that a connection still has to send.
#[derive(Clone, Debug, Default)]
pub struct Outgoing(Arc<Mutex<VecDeque<Piece>>>);

#[derive(Debug)]
struct Piece {
    file: Arc<File>,
    at: u64,
    length: usize,
    sent: usize,
}

impl Outgoing {
    /// Bytes that stand for so many of the file, [`PIECE_BYTES`] at the most. They must be sent on this connection,
    /// after what was lent before.
    pub fn lend(&self, file: Arc<File>, at: u64, length: usize) -> Bytes {
        let blank = BLANK.get(..length).unwrap_or(&BLANK);
        self.0.lock().push_back(Piece {
            file,
            at,
            length: blank.len(),
            sent: 0,
        });
        Bytes::from_static(blank)
    }

    /// Sends some of the piece that these bytes stand for.
    fn send(&self, socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        let mut pieces = self.0.lock();
        let place = place_in_blank(bytes);
        let is_next = |piece: &&mut Piece| {
            Some(piece.sent) == place && bytes.len() <= piece.length - piece.sent
        };
        let Some(piece) = pieces.front_mut().filter(is_next) else {
            return Err(io::Error::other("a piece of a file out of its order"));
        };
        let mut at = piece.at + u64::try_from(piece.sent).unwrap_or(0);
        let sent = send_file(socket, &piece.file, &mut at, bytes.len())?;
        if sent == 0 {
            return Err(io::Error::other("the file is shorter than it was"));
        }
        piece.sent += sent;
        if piece.sent == piece.length {
            pieces.pop_front();
        }
        Ok(sent)
    }
}

#[cfg(target_os = "linux")]
fn send_file(socket: &TcpStream, file: &File, at: &mut u64, length: usize) -> io::Result<usize> {
    Ok(rustix::fs::sendfile(socket, file, Some(at), length)?)
}

#[cfg(not(target_os = "linux"))]
fn send_file(_: &TcpStream, _: &File, _: &mut u64, _: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// How far into [`BLANK`] these bytes begin, if they are a part of it.
fn place_in_blank(bytes: &[u8]) -> Option<usize> {
    let blank = BLANK.as_ptr_range();
    let start = bytes.as_ptr();
    blank
        .contains(&start)
        .then(|| start.addr() - blank.start.addr())
}

/// A socket that knows what was lent to its connection.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    outgoing: Outgoing,
}

impl Socket {
    pub fn new(stream: TcpStream) -> Self {
        Socket {
            stream,
            outgoing: Outgoing::default(),
        }
    }

    /// Nothing where the system has no such call.
    pub fn outgoing(&self) -> Option<Outgoing> {
        cfg!(target_os = "linux").then(|| self.outgoing.clone())
    }

    fn poll_send(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            let send = || self.outgoing.send(&self.stream, bytes);
            match self.stream.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !bytes.is_empty() && place_in_blank(bytes).is_some() {
            return self.poll_send(context, bytes);
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.iter().position(|slice| !slice.is_empty());
        let slices = first.and_then(|first| slices.get(first..)).unwrap_or(&[]);
        let plain = slices
            .iter()
            .take_while(|slice| place_in_blank(slice).is_none())
            .count();
        match (plain, slices.first()) {
            (0, Some(blank)) => self.poll_send(context, blank),
            _ => {
                let plain = slices.get(..plain).unwrap_or(slices);
                Pin::new(&mut self.stream).poll_write_vectored(context, plain)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn file_of(bytes: &[u8]) -> Arc<File> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Arc::new(file)
    }

    async fn pair() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = TcpStream::connect(listener.local_addr().unwrap());
        let (here, there) = tokio::join!(listener.accept(), there);
        (Socket::new(here.unwrap().0), there.unwrap())
    }

    #[tokio::test]
    async fn pieces_and_plain_bytes_arrive_in_order() {
        let content: Vec<u8> = (0..3 * PIECE_BYTES).map(|at| (at % 251) as u8).collect();
        let file = file_of(&content);
        let (mut socket, mut there) = pair().await;
        let outgoing = socket.outgoing().unwrap();
        let send = async move {
            let piece = |at: usize, length| outgoing.lend(Arc::clone(&file), at as u64, length);
            let mut pieces = vec![
                Bytes::from_static(b"head"),
                piece(7, PIECE_BYTES),
                piece(PIECE_BYTES + 7, 100),
                Bytes::from_static(b"tail"),
                piece(0, PIECE_BYTES),
            ];
            while !pieces.is_empty() {
                let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
                let mut sent = socket.write_vectored(&slices).await.unwrap();
                while let Some(first) = pieces.first_mut().filter(|_| sent > 0) {
                    let part = sent.min(first.len());
                    drop(first.split_to(part));
                    sent -= part;
                    pieces.retain(|piece| !piece.is_empty());
                }
            }
        };
        let read = async move {
            let mut all = Vec::new();
            there.read_to_end(&mut all).await.unwrap();
            all
        };
        let ((), all) = tokio::join!(send, read);
        let expected = [
            b"head",
            &content[7..PIECE_BYTES + 107],
            b"tail",
            &content[..PIECE_BYTES],
        ];
        assert!(all == expected.concat());
    }

    #[tokio::test]
    async fn blank_bytes_never_leave() {
        let (mut socket, _there) = pair().await;
        let outgoing = socket.outgoing().unwrap();
        let stray = Bytes::from_static(&BLANK[..10]);
        assert!(socket.write(&stray).await.is_err());
        let mut later = outgoing.lend(file_of(b"0123456789"), 0, 10);
        drop(later.split_to(1));
        assert!(socket.write(&later).await.is_err());
    }

    #[tokio::test]
    async fn a_file_that_shrank_ends_the_connection() {
        let (mut socket, _there) = pair().await;
        let outgoing = socket.outgoing().unwrap();
        let piece = outgoing.lend(file_of(b"01234"), 5, 5);
        assert!(socket.write(&piece).await.is_err());
    }
}
