#!/bin/bash
# The box with a living office around it, all on this machine: demo.sh [OPTIONS of `centraled run`]. State in target/demo.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --locked --workspace --bin demo
target/debug/demo &
phones=$!
trap 'kill "$phones" 2>/dev/null' EXIT

mkdir -p -m 700 target/demo
cargo run --locked --quiet --workspace --bin centraled -- apply daemon/demo/office.toml --state-dir target/demo
STATE=target/demo daemon/build/run.sh "$@"
