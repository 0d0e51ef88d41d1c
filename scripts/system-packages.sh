#!/bin/sh
# System packages that some tests and the network-cut run use, on Debian and Ubuntu:
# iproute2 brings up loopback in a network namespace, chromium is the browser of tests/browser, bubblewrap isolates
# student code while a class is graded. Students need none of them.
set -eu
missing=""
command -v ip >/dev/null || missing="$missing iproute2"
command -v unshare >/dev/null || missing="$missing util-linux"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
  missing="$missing chromium" # on Ubuntu this is a snap, and GitHub's runners bring Google Chrome
command -v bwrap >/dev/null || missing="$missing bubblewrap"
[ -z "$missing" ] && exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing
