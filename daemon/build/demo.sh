#!/bin/bash
# The box with a living office around it, all on this machine: demo.sh [OPTIONS of `centraled run`]. State in target/demo.
set -euo pipefail
cd "$(dirname "$0")/../.."

daemon/build/setup.sh daemon/build
daemon/build/page.sh
cargo build --locked --workspace --bin demo --bin centraled

mkdir -p target/demo
target/debug/centraled apply daemon/demo/office.toml --state-dir target/demo
target/debug/demo &
phones=$!
trap 'kill "$phones" 2>/dev/null' EXIT
STATE=target/demo daemon/build/run.sh "$@"
