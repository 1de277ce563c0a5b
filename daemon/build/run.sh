#!/bin/bash
# Builds the page and the daemon, and starts it on this machine, with its state in ./var: run.sh [OPTIONS of `centraled run`].
#
# Every port is above 1023, so no privilege is needed, and none is kept: started by root, the box gives up all of root's
# capabilities and cannot regain them.
set -euo pipefail
cd "$(dirname "$0")/../.."

daemon/build/setup.sh daemon/build
daemon/build/page.sh
cargo build --locked --workspace --bin centraled

state=${STATE:-var}
mkdir -p "$state"
drop=(setpriv --no-new-privs)
if [ "$(id -u)" = 0 ]; then drop+=(--bounding-set=-all --inh-caps=-all); fi
exec "${drop[@]}" target/debug/centraled run --state-dir "$state" "$@"
