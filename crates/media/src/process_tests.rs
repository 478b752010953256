//! Children that are ended in every way there is.

use super::*;
use rustix::process::test_kill_process_group;
use tokio::io::AsyncBufReadExt;

fn endless() -> Run {
    let words = "-hide_banner -loglevel error -nostdin -re -f lavfi -i testsrc=s=64x64:r=5 \
                 -progress pipe:1 -nostats -stats_period 0.1 -f null -";
    Run::new(
        Program::Ffmpeg,
        "Waiting",
        words.split_whitespace().map(Into::into).collect(),
    )
}

async fn wait_until_gone(group: Pid) {
    let started = Instant::now();
    while test_kill_process_group(group).is_ok() {
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "the group is still there after 2 s"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn cancelling_ends_the_group() {
    let ffmpeg = crate::detect().await.unwrap();
    let cancel = CancellationToken::new();
    let started = Instant::now();
    let stop = cancel.clone();
    let done = encode(&ffmpeg, endless(), &cancel, |_| stop.cancel()).await;
    assert!(matches!(done, Err(MediaError::Canceled)), "{done:?}");
    assert!(started.elapsed() < Duration::from_secs(20));
    let none = encode(&ffmpeg, endless(), &cancel, |_| {}).await;
    assert!(
        matches!(none, Err(MediaError::Canceled)),
        "a cancelled job starts nothing"
    );
}

#[tokio::test]
async fn dropping_ends_the_group() {
    let ffmpeg = crate::detect().await.unwrap();
    let mut child = Running::start(&ffmpeg, &endless(), &CancellationToken::new())
        .await
        .unwrap();
    let mut first = [0; 1];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .await
        .unwrap();
    let group = child.pid;
    test_kill_process_group(group).unwrap();
    drop(child);
    wait_until_gone(group).await;
}

#[tokio::test]
async fn encoders_are_at_the_lowest_priority_with_a_bare_environment() {
    let ffmpeg = crate::detect().await.unwrap();
    let mut child = Running::start(&ffmpeg, &endless(), &CancellationToken::new())
        .await
        .unwrap();
    let mut first = [0; 1];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .await
        .unwrap();
    let proc = format!("/proc/{}", child.pid.as_raw_nonzero());
    let stat = std::fs::read_to_string(format!("{proc}/stat")).unwrap();
    let fields: Vec<_> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    assert_eq!(
        fields[2],
        child.pid.as_raw_nonzero().to_string(),
        "it leads its own group"
    );
    assert_ne!(fields[3], fields[2], "but is in the session of the server");
    if ffmpeg.inner.wrappers.nice.is_some() {
        assert_eq!(fields[16], "19");
    }
    let environment = std::fs::read_to_string(format!("{proc}/environ")).unwrap();
    assert!(
        environment.starts_with("PATH=") && environment.matches('\0').count() <= 1,
        "{environment}"
    );
    child.kill().await;
    assert!(test_kill_process_group(child.pid).is_err());
}

#[tokio::test]
async fn one_that_takes_too_long_is_ended() {
    let ffmpeg = crate::detect().await.unwrap();
    let done = encode(
        &ffmpeg,
        endless().within(0),
        &CancellationToken::new(),
        |_| {},
    )
    .await;
    assert!(matches!(done, Err(MediaError::TooLong { .. })), "{done:?}");
}

#[tokio::test]
async fn one_without_progress_is_ended() {
    let ffmpeg = crate::detect().await.unwrap();
    let mut run = endless();
    run.patience_wall = Duration::ZERO;
    let done = lines(&ffmpeg, run, &CancellationToken::new(), |_| Ok(())).await;
    assert!(matches!(done, Err(MediaError::Stalled { .. })), "{done:?}");
}

#[test]
fn reports_are_read() {
    let mut progress = Progress::default();
    assert!(!read_progress("frame=  120", &mut progress));
    assert!(!read_progress("out_time_us=N/A", &mut progress));
    assert!(read_progress("progress=continue", &mut progress));
    assert_eq!(progress.frame, 120);
}

#[test]
fn complaints_are_made_plain() {
    assert_eq!(
        plain("[mov,mp4 @ 0x55d] moov atom not found"),
        "moov atom not found"
    );
    assert_eq!(
        plain("file:/data/a: b.mp4: Invalid data found"),
        "Invalid data found"
    );
    assert_eq!(plain("  "), "");
}

/// Not a test: the server that the next one kills.
#[tokio::test]
#[ignore = "runs for ever; started by encoders_end_with_a_killed_server"]
async fn server_with_an_encoder() {
    let ffmpeg = crate::detect().await.unwrap();
    let run = endless();
    let mut child = Running::start(&ffmpeg, &run, &CancellationToken::new())
        .await
        .unwrap();
    let mut first = [0; 1];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .await
        .unwrap();
    println!("\nencoder {}", child.pid.as_raw_nonzero());
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn encoders_end_with_a_killed_server() {
    let ffmpeg = crate::detect().await.unwrap();
    if !ffmpeg.about().ends_with_parent {
        return;
    }
    let name = "process::tests::server_with_an_encoder";
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", name, "--nocapture"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = tokio::io::BufReader::new(server.stdout.take().unwrap()).lines();
    let encoder = loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some(pid) = line.strip_prefix("encoder ") {
            break Pid::from_raw(pid.parse().unwrap()).unwrap();
        }
    };
    test_kill_process_group(encoder).unwrap();
    server.kill().await.unwrap();
    wait_until_gone(encoder).await;
}

#[tokio::test]
async fn a_held_encoder_stands_still_and_goes_on() {
    let ffmpeg = crate::detect().await.unwrap();
    let busy = || {
        let words =
            "-hide_banner -loglevel error -nostdin -f lavfi -i testsrc=s=64x64:r=5 -f null -";
        let words = words.split_whitespace().map(Into::into).collect();
        let mut run = Run::new(Program::Ffmpeg, "Working", words);
        run.is_encoder = true;
        run
    };
    let none = CancellationToken::new();
    let child = Running::start(&ffmpeg, &busy(), &none).await.unwrap();
    let works = async |pid: Pid| {
        let before = cpu_time(pid).unwrap();
        let started = Instant::now();
        while cpu_time(pid).unwrap() == before && started.elapsed() < Duration::from_secs(10) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cpu_time(pid).unwrap() > before
    };
    assert!(works(child.pid).await);
    ffmpeg.hold(true);
    let is_stopped = |pid: Pid| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
        stat.unwrap().contains(") T ")
    };
    while !is_stopped(child.pid) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(ffmpeg.busy_threads(), 0);
    let late = Running::start(&ffmpeg, &busy(), &none).await.unwrap();
    while !is_stopped(late.pid) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    ffmpeg.hold(false);
    assert!(works(child.pid).await && works(late.pid).await);
    assert!(ffmpeg.busy_threads() > 0);
    ffmpeg.hold(true);
    let (one, other) = (child.pid, late.pid);
    drop((child, late));
    wait_until_gone(one).await;
    wait_until_gone(other).await;
    assert_eq!(ffmpeg.busy_threads(), 0);
}

#[tokio::test]
async fn ffmpeg_reaches_no_file_but_its_own() {
    let ffmpeg = crate::detect().await.unwrap();
    if !ffmpeg.about().is_confined {
        // Said by the doctor; here there is nothing to see.
        return;
    }
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secret = other.path().join("secret.wav");
    let run = |words: String| {
        let words = format!("-hide_banner -loglevel error -nostdin -y {words}");
        Run::new(
            Program::Ffmpeg,
            "Copying",
            words.split_whitespace().map(Into::into).collect(),
        )
    };
    let none = CancellationToken::new();
    let go = async |words: String| capture(&ffmpeg, run(words), 1024, &none).await;
    let tone = "-f lavfi -i sine=d=0.1";
    let written = go(format!("{tone} file:{}", secret.display())).await;
    written.unwrap();
    let own = folder.path().join("own.wav");
    // As itself, and as an input that is hidden in an argument which is no input of ours.
    let named = go(format!(
        "-i file:{} file:{}",
        secret.display(),
        own.display()
    ))
    .await;
    named.unwrap();
    let hidden = go(format!(
        "{tone} -filter_complex amovie={}[a] -map [a] file:{}",
        secret.display(),
        own.display()
    ));
    let Err(MediaError::Failed { reason, .. }) = hidden.await else {
        panic!("it read another file");
    };
    assert!(reason.contains("Failed to avformat_open_input"), "{reason}");
    let elsewhere = other.path().join("copy.wav");
    let out = go(format!(
        "{tone} file:{} -y {}",
        own.display(),
        elsewhere.display()
    ))
    .await;
    assert!(matches!(out, Err(MediaError::Failed { .. })), "{out:?}");
    assert!(!elsewhere.exists());
    let online = go("-i tcp://127.0.0.1:9 -f null -".to_owned()).await;
    let Err(MediaError::Failed { reason, .. }) = online else {
        panic!("it went online");
    };
    assert!(reason.contains("Permission denied"), "{reason}");
}
