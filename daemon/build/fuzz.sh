#!/bin/bash
# Fuzzes each parser for a while: fuzz.sh [TARGET...], SECONDS_EACH=60. A finding is kept in daemon/fuzz/artifacts; the
# libFuzzer line that names it can be run again with: fuzz.sh TARGET FILE.
#
# The flags are those of cargo-fuzz for coverage alone; all of them are stable, so that no other compiler is needed.
set -euo pipefail
finding=
if [ $# = 2 ] && [ -f "$2" ]; then finding=$(realpath "$2"); fi
cd "$(dirname "$0")/../fuzz"
seconds=${SECONDS_EACH:-60}
host=$(rustc -vV | sed -n 's/^host: //p')

../build/setup.sh daemon/build daemon/fuzz

export CARGO_TARGET_DIR=../../target/fuzz
export RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares"
# With --target the flags are for the fuzzed code only, not for build scripts.
cargo build --locked --release --target "$host" --bins
programs=$CARGO_TARGET_DIR/$host/release

if [ -n "$finding" ]; then exec "$programs/$1" "$finding"; fi

targets=("$@")
if [ $# = 0 ]; then for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done; fi
clean=0 broken=0
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target" artifacts ../../target/test-logs
    seeds=()
    if [ -d "seeds/$target" ]; then seeds+=("seeds/$target"); fi
    log=../../target/test-logs/fuzz-$target.log
    printf '%-12s %s s ' "$target" "$seconds"
    if "$programs/$target" -max_total_time="$seconds" -max_len=8192 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target-" "corpus/$target" "${seeds[@]}" >"$log" 2>&1; then
        clean=$((clean + 1))
        sed -n 's/^stat::number_of_executed_units: */inputs: /p' "$log"
    else
        broken=$((broken + 1))
        echo "broke:" && grep -v '^#' "$log" | tail -n 30
    fi
done
echo "$clean passed, $broken failed, 0 skipped"
[ "$broken" = 0 ]
