#!/bin/sh
# Compiles the load generator and the stand-in servers into bench/build/, when a source is newer.
set -eu
cd "$(dirname "$0")"
mkdir -p ../build
newer() { [ ! -x "$1" ] || [ -n "$(find . -name '*.[ch]' -newer "$1" | head -n 1)" ]; }
compile() { ${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -pthread -o "../build/.$1.$$" $2 && mv "../build/.$1.$$" "../build/$1"; }
if newer ../build/load; then compile load 'load.c connect.c roundtrip.c bulk.c common.c'; fi
if newer ../build/server; then compile server 'server.c common.c'; fi
