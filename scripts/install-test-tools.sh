#!/usr/bin/env bash
# Installs what the tests need besides Node.js: a Chromium for test/browser. Does nothing where there is one.
#
#   scripts/install-test-tools.sh        as root, on Debian or Ubuntu
#
# CHAINRULE_BROWSER names a Chromium of one's own: any whose command line takes --headless, Chrome for example.
set -euo pipefail

browser="${CHAINRULE_BROWSER:-chromium}"

if "$browser" --version >/dev/null 2>&1; then exit 0; fi

give_up() {
  echo "install-test-tools: found no browser \"$browser\", and $1; install Chromium yourself, or name one by CHAINRULE_BROWSER." >&2
  exit 1
}

if [ -n "${CHAINRULE_BROWSER:-}" ]; then give_up "CHAINRULE_BROWSER asks for that one"; fi
if ! command -v apt-get >/dev/null; then give_up "there is no apt-get to install it with"; fi
if [ "$(id -u)" -ne 0 ]; then give_up "installing it takes root"; fi

echo "install-test-tools: installing chromium with apt-get" >&2
export DEBIAN_FRONTEND=noninteractive
# Lists of packages grow old: a package that the list names may be gone from the server.
apt-get update -qq >&2 || echo "install-test-tools: apt-get update failed; trying with the lists as they are" >&2
apt-get install -y -qq --no-install-recommends chromium >/dev/null || give_up "apt-get could not install it"
"$browser" --version >/dev/null 2>&1 || give_up "the one from apt-get does not start"
