#!/bin/bash
# The box with a living office around it, all on this machine: demo.sh [OPTIONS of `centraled run`]. Its state, in
# target/demo, begins anew each time, as its phones do: they come from the factory.
set -euo pipefail
cd "$(dirname "$0")/../.."

daemon/build/setup.sh daemon/build
daemon/build/page.sh
cargo build --locked --workspace --bin demo --bin centraled

# Held until the last of the demo's processes is gone: two would take each other's state and ports.
exec 9>target/demo.lock
flock --nonblock 9 || { echo "demo: another demo is running" >&2; exit 69; }
rm -rf target/demo
target/debug/centraled apply daemon/demo/office.toml --state-dir target/demo
export STATE=target/demo
exec target/debug/demo -- daemon/build/run.sh "$@"
