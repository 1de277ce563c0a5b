#!/bin/bash
# Measures what the box costs beside its peers from Debian, in one run: bench.sh [kamailio|centrale|nginx|calls|memory|registers].
set -euo pipefail
cd "$(dirname "$0")/../.."

daemon/build/setup.sh daemon/build daemon/interop
daemon/build/page.sh
cargo build --locked --release -p centraled -p centrale-interop -p centrale-media --bins --example relay-bench
exec target/release/bench "$@"
