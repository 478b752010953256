//! One who has a torrent, and what is said to them. Whatever they send is believed only when its hash fits.

use super::bencode;
use super::meta::{Hash, Info, sha1};
use crate::app::App;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PROTOCOL: &[u8; 19] = b"BitTorrent protocol";
/// The bit of those who speak of more than pieces.
const EXTENDED: usize = 5;
const EXTENDED_BIT: u8 = 0x10;
/// What is asked for at once, and how many such requests are under way.
const BLOCK: u64 = 16 * 1024;
const UNDER_WAY: u64 = 32;
const LONGEST_MESSAGE: usize = 1024 * 1024;
const LARGEST_INFO: i64 = 8 * 1024 * 1024;
/// The number under which we want descriptions.
const OURS: u8 = 1;
/// Who says nothing for so long is left.
const PATIENCE: Duration = Duration::from_secs(30);

/// Below it are the ports of other services, to which nobody is to have us speak.
const LOWEST_PORT: u16 = 1024;

pub struct Peer {
    stream: TcpStream,
    may_ask: bool,
    /// Which pieces they have, a bit each, as they said it.
    has: Vec<u8>,
    /// Their number for descriptions, and how long the description is.
    info: Option<(u8, i64)>,
}

enum Message {
    Choke,
    Unchoke,
    Have(usize),
    Bits(Vec<u8>),
    Piece {
        index: usize,
        from: u64,
        bytes: Vec<u8>,
    },
    Extended(u8, Vec<u8>),
    Other,
}

/// They went away, or what they said is against the rules.
#[derive(Debug)]
pub struct Gone;

impl From<std::io::Error> for Gone {
    fn from(_: std::io::Error) -> Self {
        Gone
    }
}

type Told<T> = Result<T, Gone>;

impl Peer {
    /// Connects to one whom the guard lets us reach. There is no TLS: what comes is known by its hash.
    pub async fn meet(
        app: &App,
        (host, port): &(String, u16),
        hash: &Hash,
        us: &[u8; 20],
    ) -> Told<Self> {
        if *port < LOWEST_PORT {
            return Err(Gone);
        }
        let connected = app.import_fetch.connect(host, *port, true).await;
        let stream = connected.map_err(|_| Gone)?;
        patient(Self::greet(stream, hash, us)).await
    }

    async fn greet(mut stream: TcpStream, hash: &Hash, us: &[u8; 20]) -> Told<Self> {
        let mut flags = [0; 8];
        if let Some(flag) = flags.get_mut(EXTENDED) {
            *flag = EXTENDED_BIT;
        }
        let hello = [&[19][..], PROTOCOL, &flags, hash, us].concat();
        stream.write_all(&hello).await?;
        let mut theirs = [0; 68];
        stream.read_exact(&mut theirs).await?;
        if theirs.get(1..20) != Some(&PROTOCOL[..]) || theirs.get(28..48) != Some(&hash[..]) {
            return Err(Gone);
        }
        let speaks = theirs
            .get(20 + EXTENDED)
            .is_some_and(|flag| flag & EXTENDED_BIT != 0);
        let mut peer = Peer {
            stream,
            may_ask: false,
            has: Vec::new(),
            info: None,
        };
        if speaks {
            let wish = format!("d1:md11:ut_metadatai{OURS}eee");
            peer.send(20, &[&[0], wish.as_bytes()].concat()).await?;
        }
        peer.send(2, &[]).await?;
        Ok(peer)
    }

    async fn send(&mut self, kind: u8, body: &[u8]) -> Told<()> {
        let length = u32::try_from(body.len() + 1).map_err(|_| Gone)?;
        let message = [&length.to_be_bytes()[..], &[kind], body].concat();
        Ok(self.stream.write_all(&message).await?)
    }

    async fn next(&mut self) -> Told<Message> {
        let length = usize::try_from(self.stream.read_u32().await?).map_err(|_| Gone)?;
        if length > LONGEST_MESSAGE {
            return Err(Gone);
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await?;
        let Some((kind, body)) = bytes.split_first() else {
            return Ok(Message::Other);
        };
        let number = |at: usize| -> Told<u32> {
            let four = body.get(at..at + 4).and_then(<[u8]>::first_chunk::<4>);
            four.map(|four| u32::from_be_bytes(*four)).ok_or(Gone)
        };
        let place =
            |at: usize| -> Told<usize> { Ok(usize::try_from(number(at)?).unwrap_or(usize::MAX)) };
        Ok(match kind {
            0 => Message::Choke,
            1 => Message::Unchoke,
            4 => Message::Have(place(0)?),
            5 => Message::Bits(body.to_vec()),
            7 => Message::Piece {
                index: place(0)?,
                from: u64::from(number(4)?),
                bytes: body.get(8..).unwrap_or_default().to_vec(),
            },
            20 => match body.split_first() {
                Some((number, rest)) => Message::Extended(*number, rest.to_vec()),
                None => Message::Other,
            },
            _ => Message::Other,
        })
    }

    /// Takes note of what a message says of them; gives back what it brings.
    fn note(&mut self, message: Message) -> Option<Message> {
        match message {
            Message::Choke => self.may_ask = false,
            Message::Unchoke => self.may_ask = true,
            Message::Have(piece) => {
                // No torrent has more pieces than a bit field that still fits a message.
                if self.has.len() <= piece / 8 && piece / 8 < LONGEST_MESSAGE {
                    self.has.resize(piece / 8 + 1, 0);
                }
                if let Some(bits) = self.has.get_mut(piece / 8) {
                    *bits |= 0x80 >> (piece % 8);
                }
            }
            Message::Bits(bits) => self.has = bits,
            Message::Extended(0, body) => {
                self.info = bencode::read(&body).and_then(|(told, _)| {
                    let theirs = told.get("m")?.number("ut_metadata")?;
                    let size = told.number("metadata_size")?;
                    let theirs = u8::try_from(theirs).ok().filter(|number| *number > 0)?;
                    (1..=LARGEST_INFO).contains(&size).then_some((theirs, size))
                });
            }
            other => return Some(other),
        }
        None
    }

    pub fn has(&self, piece: usize) -> bool {
        let bits = self.has.get(piece / 8);
        bits.is_some_and(|bits| bits & (0x80 >> (piece % 8)) != 0)
    }

    /// Waits until pieces may be asked for and they have said which they have.
    pub async fn ready(&mut self) -> Told<()> {
        patient(async {
            while !self.may_ask || self.has.is_empty() {
                let message = self.next().await?;
                self.note(message);
            }
            Ok(())
        })
        .await
    }

    /// The description of the torrent, part after part.
    pub async fn describe(&mut self, hash: &Hash) -> Told<Vec<u8>> {
        patient(async {
            while self.info.is_none() {
                let message = self.next().await?;
                self.note(message);
            }
            let (theirs, size) = self.info.ok_or(Gone)?;
            let size = usize::try_from(size).map_err(|_| Gone)?;
            let mut whole = Vec::with_capacity(size);
            let mut part = 0;
            while whole.len() < size {
                let wish = format!("d8:msg_typei0e5:piecei{part}ee");
                self.send(20, &[&[theirs], wish.as_bytes()].concat())
                    .await?;
                whole.extend(self.part(part).await?);
                part += 1;
            }
            if sha1(&whole) == *hash {
                Ok(whole)
            } else {
                Err(Gone)
            }
        })
        .await
    }

    async fn part(&mut self, wanted: i64) -> Told<Vec<u8>> {
        loop {
            let message = self.next().await?;
            let Some(Message::Extended(OURS, body)) = self.note(message) else {
                continue;
            };
            let (told, bytes) = bencode::read(&body).ok_or(Gone)?;
            if told.number("piece") != Some(wanted) {
                continue;
            }
            if told.number("msg_type") != Some(1) || bytes.is_empty() {
                return Err(Gone);
            }
            return Ok(bytes.to_vec());
        }
    }

    /// One whole piece; an error too when its hash does not fit.
    pub async fn piece(&mut self, info: &Info, index: usize) -> Told<Vec<u8>> {
        let (_, length) = info.span(index);
        let size = usize::try_from(length).map_err(|_| Gone)?;
        let mut piece = vec![0; size];
        let (mut asked, mut came) = (0, 0);
        while came < length {
            while self.may_ask && asked < length && asked - came < UNDER_WAY * BLOCK {
                self.ask(index, asked, BLOCK.min(length - asked)).await?;
                asked += BLOCK.min(length - asked);
            }
            let message = patient(self.next()).await?;
            let had = self.may_ask;
            match self.note(message) {
                Some(Message::Piece {
                    index: of,
                    from,
                    bytes,
                }) if of == index => {
                    let from = usize::try_from(from).map_err(|_| Gone)?;
                    let place = piece
                        .get_mut(from..)
                        .and_then(|it| it.get_mut(..bytes.len()));
                    place.ok_or(Gone)?.copy_from_slice(&bytes);
                    came += u64::try_from(bytes.len()).map_err(|_| Gone)?;
                }
                _ if had && !self.may_ask => {
                    // What was asked for is forgotten there.
                    (asked, came) = (0, 0);
                }
                _ => {}
            }
        }
        if info.fits(index, &piece) {
            Ok(piece)
        } else {
            Err(Gone)
        }
    }

    async fn ask(&mut self, index: usize, from: u64, length: u64) -> Told<()> {
        let mut body = Vec::with_capacity(12);
        for number in [u64::try_from(index).map_err(|_| Gone)?, from, length] {
            let number = u32::try_from(number).map_err(|_| Gone)?;
            body.extend(number.to_be_bytes());
        }
        self.send(6, &body).await
    }
}

async fn patient<T>(work: impl Future<Output = Told<T>>) -> Told<T> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .unwrap_or(Err(Gone))
}
