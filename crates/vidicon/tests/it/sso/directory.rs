//! LDAP against a directory of a few lines that speaks the protocol; Debian's slapd is asked in
//! tests/peers.

use super::{cookies, site, who};
use crate::app::log_in_form;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vidicon::config::{Sso, SsoKind};

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag, 0x82];
    bytes.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
    bytes.extend(content);
    bytes
}

fn result(tag: u8, code: u8) -> Vec<u8> {
    let parts = [element(0x0a, &[code]), element(4, b""), element(4, b"")];
    element(tag, &parts.concat())
}

fn attribute(name: &str, value: &str) -> Vec<u8> {
    let values = element(0x31, &element(4, value.as_bytes()));
    element(0x30, &[element(4, name.as_bytes()), values].concat())
}

const DN: &str = "uid=ada,ou=people,dc=test";

/// Says yes to the reader and to Ada's password, and knows Ada.
async fn answer(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        let question = &buffer[..read];
        let has = |text: &str| {
            question
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        // SEQUENCE, length, INTEGER, 1, number: questions here are short.
        let at = question.iter().position(|byte| *byte == 2).unwrap();
        let number = element(2, &[question[at + 2]]);
        let parts: Vec<Vec<u8>> = match question[at + 3] {
            0x60 if has("cn=reader") => vec![result(0x61, if has("read-it") { 0 } else { 49 })],
            0x60 => vec![result(
                0x61,
                if has(DN) && has("ada's word") { 0 } else { 49 },
            )],
            0x63 if has("ada") => {
                let all = [
                    attribute("uid", "ada"),
                    attribute("mail", "ada@example.org"),
                    attribute("cn", "Ada Lovelace"),
                    attribute("entryUUID", "0-1-2"),
                ];
                let entry = [element(4, DN.as_bytes()), element(0x30, &all.concat())];
                vec![element(0x64, &entry.concat()), result(0x65, 0)]
            }
            0x63 => vec![result(0x65, 0)],
            _ => return,
        };
        for part in parts {
            let message = element(0x30, &[number.clone(), part].concat());
            stream.write_all(&message).await.unwrap();
        }
    }
}

/// A directory, and how often it was asked.
async fn directory() -> (Sso, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(answer(stream));
        }
    });
    let sso = Sso {
        kind: SsoKind::Ldap,
        url: format!("ldap://{address}"),
        bind_dn: "cn=reader,dc=test".to_owned(),
        bind_password: "read-it".to_owned(),
        base_dn: "ou=people,dc=test".to_owned(),
        ..Sso::default()
    };
    (sso, asked)
}

#[tokio::test]
async fn people_of_the_directory_log_in_with_its_passwords() {
    let (sso, asked) = directory().await;
    let app = site("house", sso).await;
    let tokens = log_in_form(&app, "ada", "ada's word")
        .await
        .expect(200)
        .json();
    let access = tokens["access_token"].as_str().unwrap();
    let me = app.get("/api/v1/users/me").token(access).await.json();
    assert_eq!(
        (&me["username"], &me["email"]),
        (&"ada".into(), &"ada@example.org".into())
    );
    assert_eq!(me["account"]["displayName"], "Ada Lovelace");

    let fields = [
        ("username", "ada"),
        ("password", "ada's word"),
        ("next", "/"),
    ];
    let session = cookies(&app.post("/login").form(&fields).await.expect(303));
    assert_eq!(who(&app, &session).await.as_deref(), Some("ada"));
    assert_eq!(vidicon::account::user_count(&app).await.unwrap(), 2);

    for (name, password) in [
        ("ada", "wrong"),
        ("nobody", "ada's word"),
        ("*", "ada's word"),
    ] {
        let answer = log_in_form(&app, name, password).await.expect(400);
        assert_eq!(answer.json()["code"], "invalid_grant", "{name}");
        let fields = [("username", name), ("password", password)];
        app.post("/login").form(&fields).await.expect(400);
    }
    // Whoever has a password of this site needs no directory.
    let before = asked.load(Ordering::SeqCst);
    app.root().await;
    assert_eq!(asked.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn a_directory_that_is_away_keeps_nobody_else_out() {
    let sso = Sso {
        kind: SsoKind::Ldap,
        url: "ldap://127.0.0.1:9".to_owned(),
        ..Sso::default()
    };
    let app = site("house", sso).await;
    app.root().await;
    let answer = log_in_form(&app, "ada", "whatever").await.expect(400);
    assert_eq!(answer.json()["code"], "invalid_grant");
}
