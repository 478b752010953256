//! The one program.

use clap::Parser;
use vidicon::cli::{Cli, run};

/// Threads that free what others have made wait for one another in the system's allocator, and it
/// keeps more of what was freed.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // Two TLS providers are compiled in by what we use; without a choice the first handshake fails.
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .ok();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("vidicon: {error}");
            return std::process::ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(Cli::parse())) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vidicon: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
