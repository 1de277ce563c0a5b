#!/bin/bash
# Prints what the SIP ALG doctor says behind every router of the laboratory: docs/sip-alg.md is what it printed last. doctor.sh [CALLS of each row, 100].
# A row that is not as it should be says so, the others are made all the same, and it ends with 1.
set -euo pipefail
cd "$(dirname "$0")/../.."

daemon/build/setup.sh daemon/build daemon/interop >&2
daemon/build/page.sh >&2
cargo build --locked --quiet -p centraled -p centrale-interop --bins
cargo build --locked --quiet -p centrale-alg --example examine
exec target/debug/doctor "$@"
