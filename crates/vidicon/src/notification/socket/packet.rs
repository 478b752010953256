//! Packets of Engine.IO, and those of socket.io inside them.

/// Stands between packets that come or go in one request.
const BETWEEN: char = '\u{1e}';

pub fn split(body: &str) -> impl Iterator<Item = &str> {
    body.split(BETWEEN).filter(|packet| !packet.is_empty())
}

pub fn joined(packets: &[String]) -> String {
    packets.join(&BETWEEN.to_string())
}

/// What a client says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'p> {
    Close,
    Pong,
    Probe,
    Upgrade,
    /// It wants to join a namespace, and says who it is in JSON where that is asked.
    Join(&'p str, &'p str),
    Leave(&'p str),
    /// A namespace and the JSON list of an event.
    Event(&'p str, &'p str),
    /// Nothing that means something here.
    Other,
}

impl<'p> Packet<'p> {
    pub fn read(text: &'p str) -> Self {
        match text {
            "1" => return Packet::Close,
            "2probe" => return Packet::Probe,
            "5" => return Packet::Upgrade,
            _ => {}
        }
        if text.starts_with('3') {
            return Packet::Pong;
        }
        let Some(message) = text.strip_prefix('4') else {
            return Packet::Other;
        };
        if let Some(rest) = message.strip_prefix('0') {
            let (space, who) = space(rest);
            return Packet::Join(space, who);
        }
        if let Some(rest) = message.strip_prefix('1') {
            return Packet::Leave(space(rest).0);
        }
        if let Some(rest) = message.strip_prefix('2') {
            let (space, rest) = space(rest);
            // A number before the list asks for a receipt, which no event here gives.
            return Packet::Event(space, rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        }
        Packet::Other
    }
}

/// The namespace in front of the data, and the data. Without one it is `/`. A query behind the
/// name, as older clients send it, is left out.
fn space(text: &str) -> (&str, &str) {
    if !text.starts_with('/') {
        return ("/", text);
    }
    let (name, rest) = text.split_once(',').unwrap_or((text, ""));
    (name.split_once('?').map_or(name, |(name, _)| name), rest)
}

pub fn joined_space(space: &str, sid: &str) -> String {
    format!("40{}{{\"sid\":\"{sid}\"}}", prefix(space))
}

pub fn refused_space(space: &str, why: &str) -> String {
    format!(
        "44{}{}",
        prefix(space),
        serde_json::json!({ "message": why })
    )
}

pub fn event(space: &str, name: &str, data: &serde_json::Value) -> String {
    let list = if data.is_null() {
        serde_json::json!([name])
    } else {
        serde_json::json!([name, data])
    };
    format!("42{}{list}", prefix(space))
}

fn prefix(space: &str) -> String {
    if space == "/" {
        String::new()
    } else {
        format!("{space},")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_read() {
        for (text, wanted) in [
            ("3", Packet::Pong),
            ("3probe", Packet::Pong),
            ("40", Packet::Join("/", "")),
            ("40/live-videos,", Packet::Join("/live-videos", "")),
            (
                "40/a?accessToken=x,{\"t\":1}",
                Packet::Join("/a", "{\"t\":1}"),
            ),
            ("41/a,", Packet::Leave("/a")),
            ("42/a,[\"x\",1]", Packet::Event("/a", "[\"x\",1]")),
            ("42/a,12[\"x\"]", Packet::Event("/a", "[\"x\"]")),
            ("42[\"x\"]", Packet::Event("/", "[\"x\"]")),
            ("", Packet::Other),
            ("bAQ==", Packet::Other),
        ] {
            assert_eq!(Packet::read(text), wanted, "{text}");
        }
    }

    #[test]
    fn packets_are_written() {
        assert_eq!(joined_space("/a", "s"), "40/a,{\"sid\":\"s\"}");
        assert_eq!(event("/", "x", &serde_json::Value::Null), "42[\"x\"]");
        assert_eq!(split("40\u{1e}41\u{1e}").count(), 2);
    }
}
