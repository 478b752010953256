//! SAML 2 with the test as the identity provider, and as everybody who would like to be somebody else.

mod attacks;

use super::{cookies, parameter, said, site, who};
use crate::app::{Answer, TestApp};
use attacks::attacks;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, RSA_PKCS1_SHA256};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest, Sha256};
use std::io::Read as _;
use vidicon::config::{Group, GroupRole, Sso, SsoKind};

const IDP: &str = "https://idp.test/metadata";
const ACS: &str = "http://video.test/sso/work/acs";
const SP: &str = "http://video.test/sso/work/metadata";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ECDSA: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const RSA: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

enum Key {
    Curve(EcdsaKeyPair),
    Rsa(signature::RsaKeyPair),
}

/// An identity provider with a certificate.
struct Idp {
    key: Key,
    pem: String,
}

impl Idp {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let pem = certificate(&key);
        let way = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::from_pkcs8(way, &key.serialize_der()).unwrap();
        Idp {
            key: Key::Curve(key),
            pem,
        }
    }

    fn with_rsa() -> Self {
        let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().unwrap();
        let pem = certificate(&rcgen::KeyPair::try_from(der.as_ref()).unwrap());
        Idp {
            key: Key::Rsa(key),
            pem,
        }
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Curve(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Key::Rsa(key) => {
                let mut bytes = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut bytes)
                    .unwrap();
                bytes
            }
        }
    }

    /// The signature of an element, of which these are the canonical bytes without it.
    fn sign(&self, id: &str, canonical: &str) -> String {
        let method = match self.key {
            Key::Curve(_) => ECDSA,
            Key::Rsa(_) => RSA,
        };
        let info = info(id, canonical, method);
        let value = self.signature(canonical_info(&info).as_bytes());
        signature_element(&info, &BASE64_STANDARD.encode(value))
    }

    fn assertion(&self, facts: &Facts) -> String {
        let signature = self.sign(&facts.id, &facts.assertion(""));
        facts.assertion(&signature)
    }

    fn response(&self, facts: &Facts) -> String {
        facts.response("", &self.assertion(facts))
    }

    fn settings(&self) -> Sso {
        let mut sso = Sso {
            kind: SsoKind::Saml,
            label: "Work".to_owned(),
            url: "https://idp.test/sso?tenant=1".to_owned(),
            entity_id: IDP.to_owned(),
            certificate: self.pem.clone(),
            ..Sso::default()
        };
        let staff = Group {
            role: Some(GroupRole::Moderator),
            ..Group::default()
        };
        sso.groups.insert("staff".to_owned(), staff);
        sso
    }
}

fn certificate(key: &rcgen::KeyPair) -> String {
    let names = vec!["idp.test".to_owned()];
    let parameters = rcgen::CertificateParams::new(names).unwrap();
    parameters.self_signed(key).unwrap().pem()
}

fn info(id: &str, canonical: &str, method: &str) -> String {
    let digest = BASE64_STANDARD.encode(Sha256::digest(canonical));
    format!(
        "<ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{method}\"></ds:SignatureMethod><ds:Reference URI=\"#{id}\">\
         <ds:Transforms><ds:Transform Algorithm=\"{DS}enveloped-signature\"></ds:Transform>\
         <ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms><ds:DigestMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
    )
}

fn canonical_info(info: &str) -> String {
    format!("<ds:SignedInfo xmlns:ds=\"{DS}\">{info}</ds:SignedInfo>")
}

fn signature_element(info: &str, value: &str) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"{DS}\"><ds:SignedInfo>{info}</ds:SignedInfo>\
         <ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
    )
}

/// What an answer says. The texts are canonical as they are, so that the test needs no canonical form of its own.
#[derive(Clone)]
struct Facts {
    id: String,
    name: String,
    question: String,
    audience: String,
    recipient: String,
    issuer: String,
    made: i64,
    status: &'static str,
}

impl Facts {
    fn new(app: &TestApp, question: &str) -> Self {
        Facts {
            id: format!("_a{}", base::random::uuid().simple()),
            name: "ada".to_owned(),
            question: question.to_owned(),
            audience: SP.to_owned(),
            recipient: ACS.to_owned(),
            issuer: IDP.to_owned(),
            made: app.clock.now(),
            status: "Success",
        }
    }

    fn assertion(&self, signature: &str) -> String {
        let time = |minutes: i64| {
            let at = time::OffsetDateTime::from_unix_timestamp(self.made / 1000 + minutes * 60);
            at.unwrap()
                .format(&time::format_description::well_known::Rfc3339)
                .unwrap()
        };
        let (now, until) = (time(0), time(5));
        let Facts {
            id,
            name,
            question,
            audience,
            recipient,
            issuer,
            ..
        } = self;
        let format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
        let attribute = |key: &str, values: &[&str]| {
            let values = values.iter();
            let values =
                values.map(|it| format!("<saml:AttributeValue>{it}</saml:AttributeValue>"));
            let values: String = values.collect();
            format!("<saml:Attribute Name=\"{key}\">{values}</saml:Attribute>")
        };
        let mail = format!("{name}@example.org");
        let attributes = [
            attribute("uid", &[name.as_str()]),
            attribute("mail", &[mail.as_str()]),
            attribute("displayName", &["Ada &amp; Co"]),
            attribute("groups", &["artists", "staff"]),
        ]
        .concat();
        format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" \
             IssueInstant=\"{now}\" Version=\"2.0\"><saml:Issuer>{issuer}</saml:Issuer>{signature}\
             <saml:Subject><saml:NameID Format=\"{format}\">{name}-7</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml:SubjectConfirmationData InResponseTo=\"{question}\" NotOnOrAfter=\"{until}\" \
             Recipient=\"{recipient}\"></saml:SubjectConfirmationData></saml:SubjectConfirmation>\
             </saml:Subject><saml:Conditions NotBefore=\"{now}\" NotOnOrAfter=\"{until}\">\
             <saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>\
             </saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant=\"{now}\">\
             </saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement>\
             </saml:Assertion>"
        )
    }

    fn response(&self, signature: &str, assertion: &str) -> String {
        let Facts {
            question,
            recipient,
            issuer,
            status,
            ..
        } = self;
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             Destination=\"{recipient}\" ID=\"_r1\" InResponseTo=\"{question}\" Version=\"2.0\">\
             <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{issuer}</saml:Issuer>\
             {signature}<samlp:Status><samlp:StatusCode \
             Value=\"urn:oasis:names:tc:SAML:2.0:status:{status}\"></samlp:StatusCode></samlp:Status>\
             {assertion}</samlp:Response>"
        )
    }
}

/// A browser that has gone to log in: its cookie, its state, and the id of its question.
struct Gone {
    cookies: String,
    state: String,
    question: String,
}

async fn leave(app: &TestApp) -> Gone {
    let away = app.get("/sso/work?next=/w/x").await.expect(303);
    let location = away.header("location").to_owned();
    assert!(
        location.starts_with("https://idp.test/sso?tenant=1&SAMLRequest="),
        "{location}"
    );
    let question = BASE64_STANDARD
        .decode(parameter(&location, "SAMLRequest"))
        .unwrap();
    let mut text = String::new();
    let mut inflated = flate2::read::DeflateDecoder::new(question.as_slice());
    inflated.read_to_string(&mut text).unwrap();
    assert!(
        text.contains(&format!("AssertionConsumerServiceURL=\"{ACS}\"")),
        "{text}"
    );
    assert!(
        text.contains(&format!("<saml:Issuer>{SP}</saml:Issuer>")),
        "{text}"
    );
    let (_, rest) = text.split_once(" ID=\"").unwrap();
    Gone {
        cookies: cookies(&away),
        state: parameter(&location, "RelayState"),
        question: rest.split('"').next().unwrap().to_owned(),
    }
}

/// The form that the provider has the browser send: from another site, so without cookies.
async fn post(app: &TestApp, state: &str, text: &str) -> Answer {
    let response = BASE64_STANDARD.encode(text);
    app.post("/sso/work/acs")
        .header("origin", "https://idp.test")
        .header("sec-fetch-site", "cross-site")
        .form(&[("SAMLResponse", response.as_str()), ("RelayState", state)])
        .await
        .expect(303)
}

async fn log_in(app: &TestApp, gone: &Gone, text: &str) -> Answer {
    let step = post(app, &gone.state, text).await;
    let place = step.header("location").to_owned();
    assert!(
        place.starts_with("/sso/work/callback?"),
        "{place}: {}",
        said(&step)
    );
    app.get(&place)
        .header("cookie", &gone.cookies)
        .await
        .expect(303)
}

#[tokio::test]
async fn somebody_of_an_organisation_gets_an_account_and_finds_it_again() {
    for idp in [Idp::new(), Idp::with_rsa()] {
        let app = site("work", idp.settings()).await;
        let page = app.get("/login").await.expect(200).text();
        assert!(page.contains("Log in with Work"));
        let gone = leave(&app).await;
        let back = log_in(
            &app,
            &gone,
            &idp.response(&Facts::new(&app, &gone.question)),
        )
        .await;
        assert_eq!(back.header("location"), "/w/x");
        let session = cookies(&back);
        assert_eq!(who(&app, &session).await.as_deref(), Some("ada"));
        let me = app
            .get("/api/v1/users/me")
            .header("cookie", &session)
            .await
            .json();
        assert_eq!(me["email"], "ada@example.org");
        assert_eq!(me["account"]["displayName"], "Ada & Co");
        assert_eq!(me["role"]["id"], 1);
        // Again, with the whole answer signed instead, and with both.
        for both in [false, true] {
            let gone = leave(&app).await;
            let facts = Facts::new(&app, &gone.question);
            let inner = if both {
                idp.assertion(&facts)
            } else {
                facts.assertion("")
            };
            let signature = idp.sign("_r1", &facts.response("", &inner));
            let again = log_in(&app, &gone, &facts.response(&signature, &inner)).await;
            assert_eq!(who(&app, &cookies(&again)).await.as_deref(), Some("ada"));
        }
    }
}

#[tokio::test]
async fn an_answer_works_once_and_for_the_browser_that_asked() {
    let idp = Idp::new();
    let app = site("work", idp.settings()).await;
    let (gone, other) = (leave(&app).await, leave(&app).await);
    let text = idp.response(&Facts::new(&app, &gone.question));
    let step = post(&app, &gone.state, &text).await;
    let place = step.header("location").to_owned();
    // Neither a browser without the cookie nor one that asked another question.
    for cookies in ["", other.cookies.as_str()] {
        let answer = app.get(&place).header("cookie", cookies).await.expect(303);
        assert_eq!(answer.header("location"), "/login");
    }
    let replayed = post(&app, &gone.state, &text).await;
    assert_eq!(replayed.header("location"), "/login");
    assert!(
        said(&replayed).contains("cannot be trusted"),
        "{}",
        said(&replayed)
    );
    // The answer to one question is none to another.
    let (mine, theirs) = (leave(&app).await, leave(&app).await);
    let text = idp.response(&Facts::new(&app, &theirs.question));
    let mixed = log_in(&app, &mine, &text).await;
    assert_eq!(mixed.header("location"), "/login");
    // It waits for its browser five minutes.
    let late = leave(&app).await;
    let text = idp.response(&Facts::new(&app, &late.question));
    let place = post(&app, &late.state, &text)
        .await
        .header("location")
        .to_owned();
    app.clock.advance(6 * base::clock::MINUTE);
    let answer = app
        .get(&place)
        .header("cookie", &late.cookies)
        .await
        .expect(303);
    assert_eq!(answer.header("location"), "/login");
}

#[tokio::test]
async fn nobody_becomes_somebody_else() {
    let idp = Idp::new();
    let app = site("work", idp.settings()).await;
    let gone = leave(&app).await;
    let honest = Facts::new(&app, &gone.question);
    for (what, text) in attacks(&idp, &honest) {
        let answer = post(&app, &gone.state, &text).await;
        assert_eq!(answer.header("location"), "/login", "{what}");
        assert!(
            said(&answer).contains("cannot be trusted"),
            "{what}: {}",
            said(&answer)
        );
    }
    // It was not for another reason: the honest one still opens, and within what clocks may differ.
    let near = Facts {
        made: honest.made - 6 * base::clock::MINUTE,
        ..honest
    };
    let back = log_in(&app, &gone, &idp.response(&near)).await;
    assert_eq!(who(&app, &cookies(&back)).await.as_deref(), Some("ada"));
    let (users,): (i64,) =
        base::db::Query::new("SELECT count(*) FROM users WHERE username <> 'root'")
            .one(&app.db)
            .await
            .unwrap();
    assert_eq!(users, 1);
}

#[tokio::test]
async fn both_sides_describe_themselves() {
    let idp = Idp::new();
    let certificate: String = idp
        .pem
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("idp.xml");
    let metadata = format!(
        "<?xml version=\"1.0\"?><EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{IDP}\">\
         <IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><KeyDescriptor use=\"signing\">\
         <KeyInfo xmlns=\"{DS}\"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>\
         <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://idp.test/post\"/>\
         <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://idp.test/sso?tenant=1\"/>\
         </IDPSSODescriptor></EntityDescriptor>"
    );
    std::fs::write(&path, metadata).unwrap();
    let settings = Sso {
        metadata: path,
        url: String::new(),
        entity_id: String::new(),
        certificate: String::new(),
        ..idp.settings()
    };
    let app = site("work", settings).await;
    let gone = leave(&app).await;
    let back = log_in(
        &app,
        &gone,
        &idp.response(&Facts::new(&app, &gone.question)),
    )
    .await;
    assert_eq!(who(&app, &cookies(&back)).await.as_deref(), Some("ada"));
    let ours = app.get("/sso/work/metadata").await.expect(200);
    assert_eq!(ours.header("content-type"), "application/samlmetadata+xml");
    let ours = ours.text();
    assert!(
        ours.contains(&format!("entityID=\"{SP}\""))
            && ours.contains(&format!("Location=\"{ACS}\""))
    );
    app.get("/sso/other/metadata").await.expect(404);
    let ways = app.get("/api/v1/sso").await.expect(200).json();
    assert_eq!(
        (&ways[0]["kind"], &ways[0]["label"]),
        (&"saml".into(), &"Work".into())
    );
}

#[test]
fn settings_that_would_let_nobody_in_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let idp = Idp::new();
    let check = |change: &dyn Fn(&mut Sso)| {
        let mut config = vidicon::config::Config::default();
        config.server.data_dir = folder.path().to_owned();
        config.server.public_url = "http://video.test".to_owned();
        let mut sso = idp.settings();
        change(&mut sso);
        config.sso.insert("work".to_owned(), sso);
        config.complete().map_err(|error| error.to_string())
    };
    check(&|_| {}).unwrap();
    check(&|sso| sso.certificate = file("idp.pem", &idp.pem).display().to_string()).unwrap();
    type Change<'c> = &'c dyn Fn(&mut Sso);
    let wrong: [(&str, Change<'_>); 5] = [
        ("sso.work.url", &|sso| sso.url = String::new()),
        ("sso.work.entity_id", &|sso| sso.entity_id = String::new()),
        ("sso.work.certificate", &|sso| {
            "/nowhere".clone_into(&mut sso.certificate)
        }),
        ("sso.work.metadata", &|sso| sso.metadata = "/nowhere".into()),
        ("sso.work.metadata", &|sso| {
            sso.metadata = file("x.xml", "<html/>")
        }),
    ];
    for (key, change) in wrong {
        let why = check(change).unwrap_err();
        assert!(why.contains(key), "{why}");
    }
}
