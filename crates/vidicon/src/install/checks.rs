//! What is looked at before anything is written.

use super::Plan;
use anyhow::bail;
use std::io::ErrorKind;
use std::net::{IpAddr, TcpListener};

/// Less room than this is filled by a few videos.
const LITTLE: u64 = 5 << 30;

/// What stands in the way is an error; what may become trouble is told.
pub fn look(plan: &Plan) -> anyhow::Result<Vec<String>> {
    let mut worries = Vec::new();
    let url = url::Url::parse(&plan.public_url).ok();
    let fits = url.as_ref().is_some_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/"
    });
    if !fits {
        bail!(
            "\"{}\" is no public address: https://video.example.org, without a path",
            plan.public_url
        );
    }
    let name = url
        .as_ref()
        .and_then(url::Url::host_str)
        .unwrap_or_default();
    let has_name = name.contains('.') && name.parse::<std::net::IpAddr>().is_err();
    if plan.own_https && !has_name {
        bail!("a certificate needs a name such as video.example.org, not \"{name}\"");
    }
    if !plan.is_live() {
        return Ok(worries);
    }
    if !std::path::Path::new("/run/systemd/system").exists() {
        bail!(
            "this machine does not run systemd. Use the container image, or start `vidicon serve` \
             by what runs here instead"
        );
    }
    if std::process::Command::new("ffmpeg")
        .arg("-version")
        .output()
        .is_err()
    {
        worries.push("ffmpeg is missing: apt install ffmpeg".to_owned());
    }
    let room = base::file::free_bytes(std::path::Path::new("/var/lib")).unwrap_or(u64::MAX);
    if room < LITTLE {
        worries.push(format!("only {} GiB are free below /var/lib", room >> 30));
    }
    let ports: &[u16] = if plan.own_https { &[80, 443] } else { &[9000] };
    for port in ports {
        // Our own service may hold it already.
        let ours = std::path::Path::new("/etc/systemd/system/vidicon.socket").exists();
        let is_taken = |ip: IpAddr| {
            let bound = TcpListener::bind((ip, *port));
            bound.is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
        };
        let own = [IpAddr::from([0_u16; 8]), IpAddr::from([0, 0, 0, 0])];
        if !ours && own.into_iter().any(is_taken) {
            bail!(
                "port {port} is in use by another program. Stop it, or leave HTTPS to it with \
                 --behind-proxy"
            );
        }
    }
    Ok(worries)
}
