#!/bin/sh
# Installs what `npm run bench` compares with and compiles by, as far as it is missing (Debian and kin, as root).
# Says nothing when all is there. Without root, or where apt fails, it says what is missing and ends with 0: the
# benchmark then leaves that part out and says so.
set -eu

PATH=$PATH:/usr/sbin:/sbin # where Debian keeps servers, and not on everybody's path

missing=''
newly='' # services that would not be here without us
command -v haproxy >/dev/null 2>&1 || { missing="$missing haproxy"; newly="$newly haproxy"; }
command -v nginx >/dev/null 2>&1 || { missing="$missing nginx"; newly="$newly nginx"; }
[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || missing="$missing libnginx-mod-stream"
command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
command -v nft >/dev/null 2>&1 || missing="$missing nftables"
command -v conntrack >/dev/null 2>&1 || missing="$missing conntrack"
command -v clang >/dev/null 2>&1 || missing="$missing clang"
[ -e /usr/include/bpf/bpf_helpers.h ] || missing="$missing libbpf-dev"
command -v cc >/dev/null 2>&1 || missing="$missing gcc"
[ -e /usr/include/stdio.h ] || missing="$missing libc6-dev"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "bench: missing, and not installed because this needs root and apt-get:$missing" >&2
  exit 0
fi

# Debian starts a service as it installs it; this one would take ports. A policy of the administrator's own stays.
policy=/usr/sbin/policy-rc.d
ours=''
remove_policy() { [ -z "$ours" ] || rm -f "$policy"; }
trap remove_policy EXIT
trap 'exit 1' HUP INT TERM
if [ ! -e "$policy" ]; then
  ours=yes
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

log=$(mktemp)
# shellcheck disable=SC2086 # a list of words
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$log" 2>&1 </dev/null; }
if install || { apt-get update >"$log" 2>&1 && install; }; then
  echo "bench: installed$missing" >&2
  # Nor shall they start with the next boot: nobody asked for them.
  for service in $newly; do
    if command -v systemctl >/dev/null 2>&1; then systemctl disable "$service" >/dev/null 2>&1 || true; fi
  done
else
  echo "bench: apt-get could not install$missing:" >&2
  tail -n 5 "$log" >&2
fi
rm -f "$log"
