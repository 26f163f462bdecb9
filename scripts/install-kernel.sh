#!/bin/sh
# Installs what the kernel data plane is built by and runs with, as far as it is missing (Debian and kin, as root); called
# before `npm run bpf`. None of these packages starts a service. Elsewhere it says what is missing and succeeds.
set -eu

PATH="/usr/local/sbin:/usr/sbin:/sbin:$PATH"
missing=''
command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
command -v nft >/dev/null 2>&1 || missing="$missing nftables"
command -v clang >/dev/null 2>&1 || missing="$missing clang"
ls /usr/lib/*/libbpf.so.1 >/dev/null 2>&1 || missing="$missing libbpf1"
[ -e /usr/include/bpf/bpf_helpers.h ] || missing="$missing libbpf-dev"
[ -e /usr/include/linux/bpf.h ] || missing="$missing linux-libc-dev"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "kernel data plane: missing, and not installed because this needs root and apt-get:$missing" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
install() { apt-get install -qq -y --no-install-recommends $missing >&2; }
# The package lists may be absent or old; they are fetched only when installing does not work without.
install 2>/dev/null || { apt-get update -qq >&2 && install; } ||
  echo "kernel data plane: apt-get could not install$missing; its own words stand above." >&2
