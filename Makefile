# `make run` and `make test` are the two commands of the README; both do all the set-up. They build with the
# same profile (dev), the same features (the default ones) and the same features of all dependencies, so
# that each uses what the other has built. What is released and measured is built with RELEASE.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CARGO ?= cargo
RELEASE := --release --locked --features release
MACHETE := 0.9.2
DENY := 0.20.2

.PHONY: help
help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Fetch libtorch into third_party, once
	@scripts/check-tools.sh
	@scripts/setup-libtorch.sh

.PHONY: build
build: setup ## Build the optimised binary of the image, target/release/heartstrings
	$(CARGO) build $(RELEASE)

.PHONY: run
run: setup ## Build and serve on 127.0.0.1:8080, with data in ./data
	$(CARGO) build --locked
	./target/debug/heartstrings serve

.PHONY: test
test: setup ## Run every test
	@scripts/check-tools.sh test
	scripts/run-tests.py
	$(MAKE) --no-print-directory contract

.PHONY: test-bare
test-bare: ## As root: both commands of the README in a bare Debian 12, or PART=setup: only what they fetch
	scripts/test-bare.sh "$(or $(PART),all)"

.PHONY: build-times
build-times: setup ## Build all that make test runs, and list the slowest units of that build
	$(CARGO) test --locked --workspace --no-run --timings
	@scripts/build-times.py

.PHONY: contract
contract: setup ## Linters, generated clients and Schemathesis against the service
	tests/contract/setup.sh
	@# The binary that the tests have built.
	$(CARGO) test --locked --no-run --test api
	tests/contract/run.sh target/debug/heartstrings

.PHONY: browser
browser: setup ## Try every operation out on /docs, in Chromium; leave pictures with PICTURES=<folder>
	tests/contract/setup.sh
	$(CARGO) test --locked --no-run --test api
	PICTURES="$(abspath $(PICTURES))" tests/contract/browser.sh target/debug/heartstrings

.PHONY: torture
torture: setup ## Kills, power cuts and hostile clients: make torture KILLS=1000 SEED=1 LINES=1000000
	@# The released build, here and below: three times as many kills in the same time, and waiting times
	@# mean something only with optimisation.
	HEARTSTRINGS_TORTURE_KILLS=$(or $(KILLS),1000) HEARTSTRINGS_TORTURE_SEED=$(or $(SEED),1) $(CARGO) test $(RELEASE) --test crash -- --nocapture
	@# One test at a time: waiting times mean nothing while another test keeps the model busy.
	HEARTSTRINGS_TORTURE_LINES=$(or $(LINES),1000000) HEARTSTRINGS_TORTURE_CONNECTIONS=$(or $(CONNECTIONS),10000) HEARTSTRINGS_TORTURE_MIB=$(or $(MIB),2048) $(CARGO) test $(RELEASE) --test abuse -- --nocapture --test-threads 1

.PHONY: fuzz
fuzz: setup ## A million records, cursors, bodies, lines, queries, pages and texts each: make fuzz CASES=1000000
	PROPTEST_CASES=$(or $(CASES),1000000) $(CARGO) test --locked --workspace --lib fuzz_ -- --nocapture

.PHONY: test-slow
test-slow: ## Tests that take longer than make test: make test-slow DATA=<folder> KILLS=100 CASES=100000
	@# Torture and fuzz, then all stages of the training on a few texts and the parity test on their result.
	@test -n "$(DATA)" || { echo "test-slow: say where the labelled data is: make test-slow DATA=<folder>; training/README.md lists it" >&2; exit 1; }
	$(MAKE) --no-print-directory torture KILLS=$(or $(KILLS),100)
	$(MAKE) --no-print-directory fuzz CASES=$(or $(CASES),100000)
	$(MAKE) --no-print-directory test-model

.PHONY: test-model
test-model: setup ## All stages of the training on a few texts, and parity with their result: make test-model DATA=<folder>
	@# Stages that are done are skipped, so the folder goes first.
	rm -rf "$(QUICK_MODEL)"
	$(MAKE) --no-print-directory model QUICK=1
	HEARTSTRINGS_PARITY="$(QUICK_MODEL)" $(CARGO) test --locked --test parity

HEARTSTRINGS_TRAINING ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/heartstrings
QUICK_MODEL = $(HEARTSTRINGS_TRAINING)/quick

.PHONY: bench
bench: setup ## Measure everything but the store, into docs/BENCHMARKS.md: make bench DATA=<folder>
	@# Smaller: TEXTS=100 SECONDS=5 MINUTES=2; parts: SECTIONS=start,load; into another file: OUT=<file>.
	@# Nothing else should run meanwhile. Without DATA the other services are left out.
	@if [ -n "$(DATA)" ] && [[ -z "$(SECTIONS)" || ",$(SECTIONS)," == *,peers,* ]]; then benches/peers/setup.sh "$(PEERS)"; fi
	$(CARGO) bench --locked --features release --no-run --bench forward --bench service
	@if [[ -z "$(SECTIONS)" || ",$(SECTIONS)," == *,forward,* ]]; then $(BENCH) --bench forward; fi
	@if [[ "$(SECTIONS)" != forward ]]; then HEARTSTRINGS_BENCH="$(SECTIONS)" $(BENCH) --bench service; fi

PEERS ?= $(CURDIR)/target/peers
BENCH = $(if $(OUT),HEARTSTRINGS_BENCH_OUT="$(abspath $(OUT))") \
	$(if $(DATA),HEARTSTRINGS_BENCH_DATA="$(realpath $(DATA))" HEARTSTRINGS_BENCH_PEERS="$(PEERS)") \
	HEARTSTRINGS_BENCH_TEXTS=$(or $(TEXTS),1000) \
	HEARTSTRINGS_BENCH_SECONDS=$(or $(SECONDS),15) \
	HEARTSTRINGS_BENCH_MINUTES=$(or $(MINUTES),20) \
	HEARTSTRINGS_BENCH_OVERLOAD=$(or $(OVERLOAD),1.2) \
	$(CARGO) bench --locked --features release

.PHONY: bench-peers
bench-peers: ## Measure other sentiment services on the same texts: make bench-peers DATA=<folder>
	@test -n "$(DATA)" || { echo "bench-peers: say where the texts are: make bench-peers DATA=<folder>; it holds imdb/test.tsv and sst/sst5_test.tsv" >&2; exit 1; }
	$(MAKE) --no-print-directory bench SECTIONS=peers

.PHONY: bench-soak
bench-soak: ## Measure a lasting overload: make bench-soak MINUTES=20 OVERLOAD=1.2
	$(MAKE) --no-print-directory bench SECTIONS=soak

.PHONY: bench-forward
bench-forward: ## Measure the network alone, against rust-bert's and the processor's limit
	$(MAKE) --no-print-directory bench SECTIONS=forward

.PHONY: bench-store
bench-store: setup ## Measure the store alone, up to REVIEWS=3000000
	HEARTSTRINGS_BENCH_REVIEWS=$(or $(REVIEWS),3000000) $(CARGO) bench --locked --features release --bench store

.PHONY: lint
lint: setup ## Formatting, clippy, documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	@# The binary without its optional features compiles too.
	$(CARGO) clippy --locked --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items

.PHONY: audit
audit: ## Unused dependencies, licences and origins of all dependencies
	scripts/tool.sh cargo-machete $(MACHETE) .
	scripts/tool.sh cargo-deny $(DENY) --offline check bans licenses sources

.PHONY: openapi
openapi: setup ## Write openapi/openapi.json from the code
	$(CARGO) run --locked --quiet -- openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

.PHONY: model
model: ## Train the model: make model DATA=<folder of labelled data>
	@test -n "$(DATA)" || { echo "model: say where the labelled data is: make model DATA=<folder>; training/README.md lists it" >&2; exit 1; }
	QUICK="$(QUICK)" training/run.sh "$(DATA)"

.PHONY: accuracy
accuracy: build ## Measure the release binary: make accuracy DATA=<folder> SPLIT=dev|test SETS="sst2 imdb"
	@test -n "$(DATA)" || { echo "accuracy: say where the labelled data is: make accuracy DATA=<folder>; training/README.md lists it" >&2; exit 1; }
	training/accuracy.sh "$(DATA)" "$(or $(SPLIT),dev)" $(SETS)

.PHONY: docs
docs: setup ## Build the documentation of the code
	$(CARGO) doc --locked --workspace --no-deps --document-private-items

.PHONY: clean
clean: ## Remove all builds; third_party and data stay
	$(CARGO) clean
