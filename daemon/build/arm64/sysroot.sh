#!/bin/bash
# Prints the folder of a Rust sysroot for ARM that fits the installed compiler; builds it the first time.
#
# For a machine where rustup cannot bring the target's standard library. Debian's rust-src package holds the library's
# sources; its version must be the compiler's own, so an older one may only be found in a newer suite. That suite is
# read through a private apt configuration: the machine's own sources and lists stay as they are.
set -euo pipefail
cd "$(dirname "$0")/../../.."
target=aarch64-unknown-linux-gnu
version=$(rustc --version | cut -d' ' -f2)
home=$PWD/target/arm64-sysroot
sysroot=$home/rust-$version
suites="bookworm trixie trixie-backports forky sid"

say() { echo "arm64: $*" >&2; }
die() { say "$*"; exit 1; }

# The machine's own Debian mirror, as apt knows it, pointed at other suites and with lists of its own.
private_apt() {
    local mirror
    # shellcheck disable=SC2016 # the names are apt's
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 'Created-By: Packages' |
        sed -n 's/ Debian Debian$//p' | sort -u | head -n 1)
    [ -n "$mirror" ] || die "apt knows no Debian mirror here; run apt-get update once"
    mkdir -p "$home/apt/lists/partial" "$home/apt/archives/partial"
    for suite in $suites; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done >"$home/apt/sources.list"
    apt_options=(-o "Dir::Etc::sourcelist=$home/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::Etc::preferencesparts=-
        -o "Dir::State::lists=$home/apt/lists" -o "Dir::Cache=$home/apt" -o "Dir::Cache::archives=$home/apt/archives"
        -o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)")
    apt-get -qq "${apt_options[@]}" update >&2
}

# Unpacks the sources of the standard library (never installs them) and prints their folder.
library_sources() {
    local full
    full=$(apt-cache "${apt_options[@]}" madison rust-src | awk -F' *[|] *' -v v="$version" \
        'index($2, v "+") == 1 || index($2, v "-") == 1 { print $2; exit }')
    [ -n "$full" ] || die "Debian has no rust-src $version; install the target with: rustup target add $target"
    rm -rf "$home/source" && mkdir -p "$home/source"
    (cd "$home/source" && apt-get -qq "${apt_options[@]}" download "rust-src=$full" && dpkg-deb -x ./*.deb . && rm ./*.deb) >&2
    echo "$home/source/usr/src/rustc-$version/library"
}

# Builds the library as the compiler's makers do (hence the bootstrap switch: for this step and nothing else), with its
# shipped lock file, and lays the result out as a sysroot.
build_library() {
    local library=$1 lib="$home/new/lib/rustlib/$target/lib"
    rm -rf "$home/new" && mkdir -p "$lib"
    (
        cd "$library/sysroot"
        export RUSTC_BOOTSTRAP=1 __CARGO_DEFAULT_LIB_METADATA=centrale CARGO_TARGET_DIR="$home/build"
        export CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_PANIC=unwind
        export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
        export RUSTFLAGS="-Zforce-unstable-if-unmarked -Cembed-bitcode=yes -Zunstable-options --remap-path-prefix=$library=/rust"
        nice cargo build --release --locked --target "$target" --features "panic-unwind backtrace"
    ) >&2
    cp "$home/build/$target/release/deps/"*.rlib "$lib/"
    mv "$home/new" "$sysroot"
    rm -rf "$home/build" "$home/source"
}

if [ ! -d "$sysroot" ]; then
    say "building Rust's standard library $version for $target, once (a few minutes)"
    private_apt
    build_library "$(library_sources)"
fi
echo "$sysroot"
