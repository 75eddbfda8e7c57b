# The one entry point. `make` lists the targets.
#
# Load targets start `victor serve` themselves, on a free port, and stop it again; with
# VICTOR_API_HOST set they load that server instead. They take these overrides, on the command line
# or from the environment: USERS= SPAWN_RATE= RUN_TIME= HTML= VICTOR= (the binary; none is built
# then) ARGS= (more flags for the command) SERVE_ARGS= (more flags for `victor serve`).
#
# make itself ends with 2 whenever a command fails; the command's own exit code stands in the line
# that make prints then: `Error 1`. Inconclusive (5) is no failure to make: it is said and passed.

SHELL = /bin/sh
.DEFAULT_GOAL = help
.PHONY: help build demo test bench campaign load-test-quick load-test-headless load-test-report schemathesis fmt clippy clean-reports

ifeq ($(origin VICTOR), undefined)
VICTOR = $(or $(CARGO_TARGET_DIR),target)/release/victor
BINARY = build
endif
export VICTOR

WITH_SERVER = scripts/with-server.sh
STEP = scripts/step.sh
QUICK = test_10_concurrent_requests
# A run too short for a verdict has not failed: make goes on, and says so.
OPEN = || { code=$$?; [ $$code -eq 5 ] || exit $$code; \
	echo 'inconclusive (exit code 5): a longer RUN_TIME would decide' >&2; }

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-20s %s\n", $$1, $$2 }' Makefile

build: ## build the release binary, target/release/victor
	cargo build --release --locked -p victor-cli

demo: USERS ?= 50
demo: SPAWN_RATE ?= 50
demo: RUN_TIME ?= 30s
demo: HTML ?= demo-report/report.html
demo: $(BINARY) ## serve and load for 30 s with 50 users: table, verdicts, demo-report/report.html
	@$(WITH_SERVER) '$(VICTOR)' load --headless --only-summary -u '$(USERS)' -r '$(SPAWN_RATE)' \
		-t '$(RUN_TIME)' --html '$(HTML)' $(ARGS) $(OPEN)

test: ## formatting, lints, every test (house rules and end to end included), documentation
	@$(STEP) fetch cargo fetch --locked
	@$(STEP) format cargo fmt --all --check
	@$(STEP) lint cargo clippy --offline --locked --workspace --all-targets -- -D warnings
	@$(STEP) build cargo build --offline --locked -p victor-cli
	@$(STEP) test cargo test --offline --locked --workspace
	@RUSTDOCFLAGS='-D warnings' $(STEP) documentation \
		cargo doc --offline --locked --workspace --no-deps

bench: build ## side by side with the peers, half an hour: bench/results (CASES= ROUNDS= SECONDS=)
	@bench/install.sh
	cargo build --release --locked -p victor-probes
	cargo build --release --locked -p victor-context --example compaction_time
	cargo build --release --locked -p victor-server --example sessions
	python3 bench/run.py $(CASES) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS))

campaign: $(BINARY) ## how often each detector finds its fault, hours, resumable: campaign/results (CASES= RUNS= ARGS=)
	python3 campaign/run.py --victor '$(VICTOR)' $(if $(RUNS),--runs $(RUNS)) $(ARGS) $(CASES)

load-test-quick: $(BINARY) ## the suite's test with 10 concurrent users, about 20 s
	@$(WITH_SERVER) '$(VICTOR)' scale TestConcurrentRequests::$(QUICK) \
		$(if $(USERS),--set $(QUICK).users='$(USERS)') \
		$(if $(RUN_TIME),--set $(QUICK).seconds='$(RUN_TIME)') $(ARGS)

load-test-headless: USERS ?= 100
load-test-headless: SPAWN_RATE ?= 10
load-test-headless: RUN_TIME ?= 5m
load-test-headless: HTML ?= load-test-report.html
load-test-headless: $(BINARY) ## 100 users, 10 more a second, 5 minutes: load-test-report.html
	@$(WITH_SERVER) '$(VICTOR)' load --headless -u '$(USERS)' -r '$(SPAWN_RATE)' \
		-t '$(RUN_TIME)' --html '$(HTML)' $(ARGS) $(OPEN)

load-test-report: USERS ?= 50
load-test-report: SPAWN_RATE ?= 5
load-test-report: RUN_TIME ?= 2m
load-test-report: HTML ?= load-test-reports/report_$(shell date +%Y%m%d_%H%M%S).html
load-test-report: $(BINARY) ## 50 users, 5 more a second, 2 minutes: load-test-reports/report_<time>.html
	@$(WITH_SERVER) '$(VICTOR)' load --headless -u '$(USERS)' -r '$(SPAWN_RATE)' \
		-t '$(RUN_TIME)' --html '$(HTML)' $(ARGS) $(OPEN)

schemathesis: $(BINARY) ## about 2,000 requests made from the server's own API document
	@scripts/schemathesis.sh $(ARGS)

fmt: ## format the code
	cargo fmt --all

clippy: ## lint the code; warnings are errors
	cargo clippy --locked --workspace --all-targets -- -D warnings

clean-reports: ## remove the reports that the targets above wrote
	rm -rf load-test-report.html load-test-reports demo-report
