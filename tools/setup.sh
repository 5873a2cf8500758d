#!/usr/bin/env bash
# Installs what the build and the tests need from Debian's packages: a C++ linker for DuckDB, PostgreSQL and Chromium for
# the tests, Chinese fonts for screenshots. Without root it prints the one line to type.
set -euo pipefail

missing=()
need() { # need PACKAGE TEST...
	local package=$1
	shift
	"$@" >/dev/null 2>&1 || missing+=("$package")
}
have_postgres() { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; }
have_fonts() { fc-list :lang=zh | grep -q .; }

need g++ command -v g++
need git command -v git
need postgresql have_postgres
need chromium command -v chromium
need fontconfig command -v fc-list
need fonts-noto-cjk have_fonts

for tool in go node npm; do
	command -v "$tool" >/dev/null || { echo "setup: '$tool' is not installed; install Go 1.26, Node.js 20 and npm first" >&2; exit 1; }
done
[ ${#missing[@]} -eq 0 ] && exit 0

line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -ne 0 ]; then
	echo "setup: some packages are missing; type this once and run make again:" >&2
	echo "  sudo sh -c '$line'" >&2
	exit 1
fi
if ! command -v apt-get >/dev/null; then
	echo "setup: no apt-get here; install these yourself and run make again: ${missing[*]}" >&2
	exit 1
fi
echo "setup: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
sh -c "$line" >/dev/null
