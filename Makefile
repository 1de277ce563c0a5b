# The front door. Each target installs what it misses (quickly and without network when nothing is missing).
.PHONY: setup run demo test check drill sim bench doctor fuzz arm64 fmt clean help

setup: ## install everything that any target needs
	@daemon/build/setup.sh daemon/build daemon/build/check daemon/build/arm64 daemon/fuzz daemon/interop web-ui

run: ## build and start the box on this machine, unprivileged, state in ./var (ARGS="..." are passed on)
	@daemon/build/run.sh $(ARGS)

demo: ## the box with a living office on loopback: phones that call each other, and a provider
	@daemon/build/demo.sh $(ARGS)

test: ## every check and every test; ends with "N passed, N failed, N skipped"
	@daemon/build/test.sh

check: ## format, lints, the arrows between the rooms, licences, forbidden crates
	@daemon/build/test.sh format shell built lints house

drill: ## attacks on the box in full length, and in virtual time from 20 seeds (SEEDS=3); prints one table (make test plays them shortly)
	@daemon/build/test.sh drill

sim: ## replay one simulated office day and draw its ladder: make sim SEED=7 (SEEDS=0..300 runs many)
	@cargo build --locked --quiet --workspace --bin sim && target/debug/sim $(if $(SEEDS),--seeds $(SEEDS),--seed $(or $(SEED),1))

bench: ## what the box costs beside its peers from Debian, as ratios
	@daemon/build/bench.sh $(ARGS)

doctor: ## what the SIP ALG doctor finds behind which router, as docs/sip-alg.md has it: about 15 minutes (CALLS=100 of each case)
	@daemon/build/doctor.sh $(CALLS)

fuzz: ## look for bytes that break a parser, a minute each (SECONDS_EACH=60 TARGETS="sip sdp")
	@daemon/build/fuzz.sh $(TARGETS)

arm64: ## build for the box and let the result prove itself under emulation (PROFILE=dev builds faster)
	@daemon/build/arm64.sh

fmt: ## format the code
	@cargo fmt --all

clean: ## remove what was built; ./var, the state of `make run`, stays
	@rm -rf target web-ui/dist web-ui/node_modules daemon/fuzz/target

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1	/p' Makefile
