# The commands of this project; `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

CARGO_TARGET_DIR ?= target
URBIS := $(CARGO_TARGET_DIR)/debug/urbis
SCALE ?= 1

.PHONY: help demo test test-quick check test-clients test-qgis-new screenshots web build bench-tiles bench-dispatch bench-features

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

demo: ## Install what is missing, build, start, print the map's address; Ctrl-C stops
	@scripts/install.sh run
	@$(MAKE) --no-print-directory build
	@exec $(URBIS) up

test: ## Install what is missing, run all tests and `urbis check`
	@scripts/install.sh run test
	@$(MAKE) --no-print-directory build
	cargo test --workspace --locked
	$(URBIS) check

test-quick: ## Run the tests of the crates, without the end-to-end tests and those of the cluster
	cargo test --workspace --locked --exclude urbis-tests --exclude urbis-cluster

check: ## Format, clippy, doc, licences and advisories, unused dependencies, types of the page
	@scripts/install.sh run
	@scripts/web.sh
	@scripts/tools.sh
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --document-private-items --locked --quiet
	scripts/deny.sh
	cargo machete --with-metadata
	cd web && npm run --silent check

test-clients: ## A browser, GDAL, QGIS and MapLibre Native against the running binary
	@scripts/install.sh run test clients
	@$(MAKE) --no-print-directory build
	@tests/clients/run.sh $(URBIS)

test-qgis-new: ## QGIS of Debian 13 against the running binary: as root, 2 GB in the cache the first time
	@scripts/install.sh run test
	@$(MAKE) --no-print-directory build
	@tests/clients/qgis_new.sh $(URBIS)

# With line tables, which cost nothing, so that a profile names lines.
bench-tiles: ## Our tiles against martin's over the made-up city (SCALE=1), minutes to an hour
	@scripts/install.sh run bench
	@scripts/peers.sh tiles
	@$(MAKE) --no-print-directory web
	CARGO_PROFILE_RELEASE_DEBUG=line-tables-only cargo build --release --locked -p urbis-cli -p urbis-server --bin urbis --example bare
	@python3 bench/tiles/run.py --scale $(SCALE)

bench-dispatch: ## Who arrives first: ours against OSRM, Valhalla, pgRouting, Redis (SCALE=0.1), half an hour
	@scripts/install.sh run bench
	@scripts/peers.sh dispatch
	@$(MAKE) --no-print-directory web
	CARGO_PROFILE_RELEASE_DEBUG=line-tables-only cargo build --release --locked -p urbis-cli --bin urbis
	CARGO_PROFILE_RELEASE_DEBUG=line-tables-only cargo build --release --locked -p urbis-tests --example dispatch_bench
	cargo test --release --locked -p urbis-tests --test network -- --ignored --nocapture
	@python3 bench/dispatch/run.py --scale $(if $(filter file,$(origin SCALE)),0.1,$(SCALE))

bench-features: ## Features and the search over HTTP against psql's copy and tipg (SCALE=1), a quarter of an hour
	@scripts/install.sh run bench
	@scripts/peers.sh features
	@$(MAKE) --no-print-directory web
	CARGO_PROFILE_RELEASE_DEBUG=line-tables-only cargo build --release --locked -p urbis-cli --bin urbis
	@python3 bench/features/run.py --scale $(SCALE)

screenshots: ## Take the README's pictures of the map that runs at URL (make demo's, if unset)
	@scripts/install.sh clients
	node scripts/screenshots.mjs $(or $(URL),http://127.0.0.1:8400)

web: ## Build the map page into web/dist
	@scripts/web.sh

build: web
	cargo build --locked -p urbis-cli
