#!/bin/bash
# Installs what is missing: setup.sh [--without-debian] FOLDER...
#
# Each folder may hold an apt-packages.txt (Debian packages, one a line, # for remarks), a package-lock.json (npm modules)
# and a Cargo.lock (crates; those of the workspace always). What comes after this works without network.
# When nothing is missing this takes well under a second and asks no server anything.
set -euo pipefail
cd "$(dirname "$0")/../.."
stamps=target/setup
mkdir -p "$stamps"

die() { echo "setup: $*" >&2; exit 1; }

# The packages of the lists that dpkg does not know as installed, for any architecture.
missing_packages() {
    local wanted installed
    wanted=$(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@" | sort -u)
    # shellcheck disable=SC2086 # a list of words on purpose
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' | sort -u)
    comm -23 <(echo "$wanted") <(echo "$installed")
}

# Installs as root or through sudo. Services that come with test peers (a SIP proxy, say) are not started: the
# tests start their own, on loopback, on ports of their own.
install_packages() {
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "these Debian packages are missing: $*. Install them as root: apt-get install $*"
        as_root=(sudo)
    fi
    echo "setup: installing $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -s -- "$@" <<'AS_ROOT'
set -euo pipefail
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
fi
apt-get -qq update
apt-get -qq install -y --no-install-recommends "$@" >/dev/null
AS_ROOT
}

# True when the stamp says that this was done already for what standard input holds.
up_to_date() { cmp -s "$stamps/$1" <(sha256sum); }

debian_packages() {
    local folder lists=() missing
    for folder; do
        if [ -e "$folder/apt-packages.txt" ]; then lists+=("$folder/apt-packages.txt"); fi
    done
    [ ${#lists[@]} -gt 0 ] || return 0
    command -v dpkg-query >/dev/null || die "this is no Debian; install what these lists name: ${lists[*]}"
    missing=$(missing_packages "${lists[@]}")
    # shellcheck disable=SC2086 # a list of words on purpose
    if [ -n "$missing" ]; then install_packages $missing; fi
}

node_modules() {
    local folder=$1 stamp
    stamp=npm-${folder//\//-}
    [ -e "$folder/package-lock.json" ] || return 0
    command -v npm >/dev/null || die "npm is missing: install Node.js 20 or later"
    state() { cat "$folder/package-lock.json"; node --version; }
    if [ -d "$folder/node_modules" ] && state | up_to_date "$stamp"; then return 0; fi
    echo "setup: installing the npm modules of $folder"
    npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error
    state | sha256sum >"$stamps/$stamp"
}

crates() {
    local folder=$1 stamp
    stamp=cargo-${folder//\//-}
    [ -e "$folder/Cargo.lock" ] || return 0
    command -v cargo >/dev/null || die "cargo is missing: install Rust (the version is in Cargo.toml)"
    if up_to_date "$stamp" <"$folder/Cargo.lock"; then return 0; fi
    cargo fetch --locked --manifest-path "$folder/Cargo.toml" --target x86_64-unknown-linux-gnu --target aarch64-unknown-linux-gnu
    sha256sum <"$folder/Cargo.lock" >"$stamps/$stamp"
}

if [ "${1-}" = --without-debian ]; then shift; else debian_packages "$@"; fi
for folder; do node_modules "$folder"; done
for folder in . "$@"; do crates "$folder"; done
