#!/bin/bash
# Builds the page into web-ui/dist, where the daemon takes it from, when anything it is made of has changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
stamp=target/setup/page

made_of() {
    find web-ui -type f -not -path 'web-ui/node_modules/*' -not -path 'web-ui/dist/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum
}

# Debian's part of its list, a browser, is for its tests only.
daemon/build/setup.sh --without-debian web-ui
if [ -e web-ui/dist/index.html ] && cmp -s "$stamp" <(made_of); then exit 0; fi
rm -f "$stamp"
npm run --prefix web-ui --silent build
# Taken afterwards: the build writes the types of the API among the sources.
made_of >"$stamp"
