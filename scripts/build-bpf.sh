#!/bin/sh
# Compiles bpf/ into build/poolgate.bpf.o, when a source is newer. Needs clang and the headers of libbpf and the kernel; says so where they lack (exit 3).
set -eu
cd "$(dirname "$0")/.."
if [ -e build/poolgate.bpf.o ] && [ -z "$(find bpf scripts/build-bpf.sh -newer build/poolgate.bpf.o | head -n 1)" ]; then
  exit 0
fi
if ! command -v clang >/dev/null 2>&1 || [ ! -e /usr/include/bpf/bpf_helpers.h ]; then
  echo 'BPF: not built; it needs clang, libbpf-dev and linux-libc-dev (apt-get install).' >&2
  exit 3
fi
mkdir -p build
# v3 of the instructions has atomic additions that tell what was there before (Linux 5.12).
# Debian keeps asm/types.h in a folder by architecture, which clang does not look into for this target.
clang -O2 -g -target bpf -mcpu=v3 -Wall -Werror "-I/usr/include/$(uname -m)-linux-gnu" -c bpf/poolgate.bpf.c -o "build/poolgate.bpf.o.$$"
# In one step: somebody may be loading it.
mv "build/poolgate.bpf.o.$$" build/poolgate.bpf.o
