#!/bin/bash
# Runs the checks and tests, all of them or those named: test.sh [STEP...]. Ends with a line "N passed, N failed, N
# skipped", summed from what the runners printed; a step without a count of its own (the format, say) counts as one.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
logs=target/test-logs
mkdir -p "$logs"

# The steps, in order: what is quick to break first. Each is a function below. (`house` is a part of `rust`, `drill` of `interop`.)
steps=(format shell built lints rust page interop browser)

# One set of features for every cargo call (hence --workspace), so that nothing is compiled twice.
format() { cargo fmt --all --check && cargo fmt --manifest-path daemon/fuzz/Cargo.toml --check; }
shell() { git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck; }
built() { daemon/build/page.sh; } # the daemon holds the page, so it comes before every cargo call
lints() {
    cargo clippy --locked --workspace --all-targets -- -D warnings &&
        cargo clippy --locked --manifest-path daemon/fuzz/Cargo.toml --no-default-features --target-dir target/fuzz -- -D warnings
}
house() { cargo test --locked --workspace --test house; }
page() {
    local script
    for script in check lint test sizes; do npm run --prefix web-ui --silent "$script" || return 1; done
}
rust() { cargo test --locked --workspace --exclude centrale-interop --no-fail-fast; }
# What the next two drive from outside.
daemon() { cargo build --locked --workspace --bin centraled --bin demo && cargo build --locked -p centrale-alg --example examine; }
interop() { daemon && cargo test --locked -p centrale-interop --no-fail-fast; }
# A part of interop, but in full length, one attack after the other, and with a table of what came of each.
drill() {
    local table=$PWD/target/drill-table.md status
    daemon || return 1
    printf '| attack | what was done | what came of it | aim |\n|---|---|---|---|\n' >"$table"
    CENTRALE_DRILL_TABLE=$table cargo test --locked -p centrale-interop --test scenarios -- drill
    status=$?
    # The same by the clock of the simulation: days of guessing, and euros by a provider's meter.
    cargo run --quiet --release --locked --workspace --bin sim -- --drill "${SEEDS:-20}" >>"$table" || status=1
    cat "$table"
    # Office days by that clock, whole: make test lives a few of them.
    cargo run --quiet --release --locked --workspace --bin sim -- --fuse "${DAYS:-10000}" || status=1
    return $status
}
browser() { daemon && npm run --prefix web-ui --silent e2e; }

# Runs one step, shows and keeps what it prints, and adds to the totals. Nothing a runner left out is invented: a step
# that ends badly without naming a failed test is one failure.
run_step() {
    local step=$1 log=$logs/$1.log started=$SECONDS status counts p f s
    echo "== $step"
    "$step" 2>&1 </dev/null | tee "$log"
    status=${PIPESTATUS[0]}
    read -r p f s < <(awk -f daemon/build/count.awk "$log")
    counts=$((p + f + s))
    if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; elif [ "$counts" = 0 ]; then p=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    summary+=$(printf '%-10s %6d passed %4d failed %4d skipped %5d s' "$step" "$p" "$f" "$s" $((SECONDS - started)))$'\n'
}

if [ $# -gt 0 ]; then steps=("$@"); fi
for step in "${steps[@]}"; do declare -F "$step" >/dev/null || { echo "test: no step is called $step" >&2; exit 64; }; done
passed=0 failed=0 skipped=0 summary=
daemon/build/setup.sh daemon/build daemon/build/check daemon/fuzz daemon/interop web-ui || exit 1
for step in "${steps[@]}"; do run_step "$step"; done
printf '\n%s%-10s %44d s\n' "$summary" whole "$SECONDS"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
