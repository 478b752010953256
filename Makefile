# The commands of the repository. Each installs what it misses on Debian, and names it elsewhere.
LISTEN ?= 127.0.0.1:9000
DATA ?= ./data
N ?= 1000
SECONDS ?= 60
S3 ?= moto

.PHONY: deb release sbom run build web test test-rust test-postgres test-s3 test-web test-browser test-peers test-kills test-garage lint lint-text fuzz bench seed screenshots help

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

run: build ## build and start the server on http://localhost:9000, data in ./data
	target/release/vidicon serve --data-dir $(DATA) --listen $(LISTEN)

build: web ## the release binary, target/release/vidicon
	cargo build --release --locked -p vidicon

deb: build ## a Debian package, target/debian/vidicon_….deb
	scripts/deb.sh

release: build ## a signed release, target/release-files: KEY=release.key SECURE_FROM=0.1.0
	scripts/release.sh $(KEY) $(SECURE_FROM) target/release-files target/release/vidicon

sbom: ## what the binary is made of, target/vidicon.spdx.json
	@mkdir -p target
	scripts/sbom.py target/vidicon.spdx.json

web: ## scripts and styles into web/dist, from where they are built into the binary
	@scripts/setup.sh run
	npm run build --prefix web

test: ## every test
	@scripts/setup.sh test
	npm run build --prefix web
	tests/run.sh

test-rust test-postgres test-s3 test-web test-browser test-peers: ## one part of the tests
	@scripts/setup.sh test
	npm run build --prefix web
	tests/run.sh $(@:test-%=%)

test-kills: ## twenty kill -9 while a source of ten minutes is made on an S3 server (S3=moto or garage); slow, not in test
	@scripts/setup.sh test
	cargo build --locked -p vidicon
	crates/base/tests/peers/with-$(S3) tests/kills/kills.py

test-garage: ## the promises of the storage on Garage, which is built first; slow, not in test
	@scripts/setup.sh test
	crates/base/tests/peers/with-garage cargo test --workspace --locked --test storage second_server

lint: lint-text ## rustfmt, clippy, the type check of web, licences
	cargo clippy --workspace --all-targets --locked -- -D warnings

lint-text: # what needs no compiling of ours
	@scripts/setup.sh lint
	npm run build --prefix web
	cargo fmt --all --check
	npm run check --prefix web
	scripts/deny.sh

fuzz: ## invented bytes at the readers of other servers' words, SECONDS each
	scripts/fuzz.sh $(SECONDS)

bench: build ## the figures of docs/benchmarks.md, as a table
	@scripts/setup.sh bench
	tests/postgres.sh python3 bench/bench.py --write

seed: build ## N invented videos in the data folder DATA
	target/release/vidicon seed --data-dir $(DATA) --videos $(N)

screenshots: build ## the pictures in docs/screenshots
	@scripts/setup.sh test
	VIDICON_BIN=$(CURDIR)/target/release/vidicon npm run screenshots --prefix tests/browser
