#!/bin/bash
# Builds the daemon for the box (64-bit ARM, Debian) and lets the result prove itself under emulation.
#
# So that no dependency sneaks in that cannot be cross-built. The Rust target of rustup is used where there is one;
# otherwise a standard library is built from Debian's sources (arm64/sysroot.sh). PROFILE=dev builds faster.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=aarch64-unknown-linux-gnu
profile=${PROFILE:-release}

daemon/build/setup.sh daemon/build/arm64

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar

target_installed() { [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; }
if ! target_installed && command -v rustup >/dev/null && [ ! -d target/arm64-sysroot ]; then
    timeout 20 rustup target add "$target" >/dev/null 2>&1 || true
fi
if ! target_installed; then
    sysroot=$(daemon/build/arm64/sysroot.sh)
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS="--sysroot=$sysroot"
fi

nice cargo build --locked --profile "$profile" --target "$target" -p centraled
binary=target/$target/$([ "$profile" = dev ] && echo debug || echo "$profile")/centraled

# A subcommand that succeeds without a word has not proved anything.
emulated() {
    local said
    said=$(qemu-aarch64-static -L /usr/aarch64-linux-gnu "$binary" "$@")
    [ -n "$said" ] || { echo "arm64: centraled $* said nothing" >&2; return 1; }
    printf 'arm64: centraled %s\n%s\n' "$*" "$said"
}
emulated version
emulated self-test
echo "arm64: $binary, $(du -h "$binary" | cut -f1)"
