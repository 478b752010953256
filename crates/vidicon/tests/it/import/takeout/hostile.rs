//! What pretends to be an archive of an account.

use super::{PAGE, id_of, latest, run, send};
use crate::app::TestApp;
use crate::studio::Browser;
use std::io::Write;

/// One entry as an archive writes it down, true or not.
struct Entry {
    name: &'static str,
    packed: Vec<u8>,
    size: u32,
    crc: u32,
    deflated: bool,
}

fn entry(name: &'static str, text: &str) -> Entry {
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    Entry {
        name,
        packed: text.as_bytes().to_vec(),
        size: text.len() as u32,
        crc: crc.sum(),
        deflated: false,
    }
}

/// So many zeros, packed to a thousandth.
fn zeros(name: &'static str, count: usize, said: u32) -> Entry {
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..count / 1024 {
        packer.write_all(&[0; 1024]).unwrap();
    }
    Entry {
        name,
        packed: packer.finish().unwrap(),
        size: said,
        crc: 0,
        deflated: true,
    }
}

fn zip(entries: &[Entry], all_at_start: bool) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for it in entries {
        let at = if all_at_start { 0 } else { out.len() as u32 };
        let method = if it.deflated { 8_u16 } else { 0 };
        let mut head = Vec::new();
        for word in [20, 0, method, 0, 33] {
            head.extend_from_slice(&u16::to_le_bytes(word));
        }
        for word in [it.crc, it.packed.len() as u32, it.size] {
            head.extend_from_slice(&word.to_le_bytes());
        }
        head.extend_from_slice(&(it.name.len() as u16).to_le_bytes());
        head.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&head);
        out.extend_from_slice(it.name.as_bytes());
        out.extend_from_slice(&it.packed);
        list.extend_from_slice(b"PK\x01\x02\x14\x00");
        list.extend_from_slice(&head);
        list.extend_from_slice(&[0; 10]);
        list.extend_from_slice(&at.to_le_bytes());
        list.extend_from_slice(it.name.as_bytes());
    }
    let start = out.len() as u32;
    out.extend_from_slice(&list);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    let count = (entries.len() as u16).to_le_bytes();
    out.extend_from_slice(&[count, count].concat());
    out.extend_from_slice(&(list.len() as u32).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

#[tokio::test]
async fn what_is_no_archive_ends_in_a_clear_error() {
    const ACCOUNT: &str = "peertube/account.json";
    const VIDEOS: &str = "peertube/videos.json";
    let account = || entry(ACCOUNT, r#"{"displayName":"Mallory"}"#);
    let whole = zip(&[account()], false);
    let hostile: Vec<(&str, Vec<u8>, &str)> = vec![
        ("no zip", b"hello, I am no archive".to_vec(), "no end"),
        ("cut short", whole[..whole.len() - 30].to_vec(), "no end"),
        ("empty", zip(&[], false), "no archive of an account"),
        (
            "leads out",
            zip(&[account(), entry("../../evil", "x")], false),
            "leads out",
        ),
        (
            "absolute",
            zip(&[account(), entry("/etc/passwd", "x")], false),
            "leads out",
        ),
        (
            "wrong json",
            zip(&[account(), entry(VIDEOS, "{\"videos\":[")], false),
            "no JSON",
        ),
        (
            "wrong shape",
            zip(&[account(), entry(VIDEOS, "{\"videos\":{}}")], false),
            "should",
        ),
        (
            "bomb",
            zip(&[account(), zeros(VIDEOS, 64 << 20, 64 << 20)], false),
            "larger",
        ),
        (
            "lie",
            zip(&[account(), zeros(VIDEOS, 64 << 20, 100)], false),
            "damaged",
        ),
        (
            "shared",
            zip(&[account(), entry(VIDEOS, "{}")], true),
            "share",
        ),
        ("twice", zip(&[account(), account()], false), "twice"),
    ];
    let app = TestApp::new().await;
    let ann = app.user("ann").await;
    let id = id_of(&app, &ann).await;
    for (what, content, why) in hostile {
        send(&app, &ann, id, &content).await.expect(200);
        run(&app).await;
        let ended = latest(&app, &ann).await;
        assert_eq!(ended["state"]["id"], 4, "{what}");
        let browser = Browser::new(&app, "ann", "password-1").await;
        let page = browser.get(PAGE).await.expect(200).text();
        assert!(page.contains(why), "{what}: {page}");
    }
    let me = app.get("/api/v1/users/me").token(&ann).await.json();
    assert_eq!(me["account"]["displayName"], "ann");

    // A file of the server that a list names is not read: its video fails, the rest comes.
    let channels = r#"{"channels":[{"name":"ann_channel","displayName":"x"}]}"#;
    let videos = r#"{"videos":[{"name":"passwords","url":"https://a.example/1","duration":1,
        "channel":{"name":"ann_channel"},"archiveFiles":{"videoFile":"../../../../etc/passwd"}}]}"#;
    let named = [
        account(),
        entry("peertube/channels.json", channels),
        entry(VIDEOS, videos),
    ];
    send(&app, &ann, id, &zip(&named, false)).await.expect(200);
    run(&app).await;
    assert_eq!(latest(&app, &ann).await["state"]["id"], 3);
    let me = app.get("/api/v1/users/me").token(&ann).await.json();
    assert_eq!(me["account"]["displayName"], "Mallory");
    let browser = Browser::new(&app, "ann", "password-1").await;
    let page = browser.get(PAGE).await.expect(200).text();
    assert!(page.contains("the archive has no file of it"), "{page}");
}
