#!/bin/sh
# Installs the Debian packages that the lab's scenarios use; called before every `npm test`.
# Quick and silent when all is there. Without root it names what is missing and succeeds: the lab then skips itself.
set -eu

# program:package
WANTED='ip:iproute2 nft:nftables kamailio:kamailio nginx:nginx sipp:sip-tester openssl:openssl curl:curl
tcpdump:tcpdump tshark:tshark ping:iputils-ping conntrack:conntrack tc:iproute2 ps:procps turnserver:coturn clang:clang haproxy:haproxy
keepalived:keepalived iptables-restore:iptables'
# Debian's TLS for kamailio is a module in a package of its own, not a program.
TLS_MODULE='/usr/lib/*/kamailio/modules/tls.so'

PATH="/usr/local/sbin:/usr/sbin:/sbin:$PATH"
missing=''
for pair in $WANTED; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
# Unquoted on purpose: the pattern is to expand.
# shellcheck disable=SC2086
ls $TLS_MODULE >/dev/null 2>&1 || missing="$missing kamailio-tls-modules"
# Headers for the programs in bpf/.
[ -e /usr/include/bpf/bpf_helpers.h ] || missing="$missing libbpf-dev"
[ -e /usr/include/linux/bpf.h ] || missing="$missing linux-libc-dev"

[ -n "$missing" ] || exit 0

skip() {
  {
    echo '=============================================================================='
    echo "LAB: $1"
    echo "LAB: missing packages:$missing"
    echo 'LAB: the scenarios in lab/ are SKIPPED; all other tests run.'
    echo '=============================================================================='
  } >&2
  exit 0
}

[ "$(id -u)" = 0 ] || skip 'only root can install what the lab needs.'
command -v apt-get >/dev/null 2>&1 || skip 'this is not a Debian system; install the programs by its own means.'

# Installing must start no service: kamailio and nginx would take ports that the machine may need. invoke-rc.d asks
# this file; whatever stood there before comes back, however this script ends.
policy=/usr/sbin/policy-rc.d
kept=''
restore() {
  rm -f "$policy"
  [ -z "$kept" ] || mv "$kept" "$policy"
}
if [ -e "$policy" ] || [ -L "$policy" ]; then
  kept="$policy.poolgate-lab.$$"
  mv "$policy" "$kept"
fi
trap restore EXIT
trap 'exit 1' HUP INT TERM
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

echo "Installing for the lab:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# $missing is a list of words.
# shellcheck disable=SC2086
install() { apt-get install -qq -y --no-install-recommends $missing >&2; }
# The package lists may be absent or old; they are fetched only when installing does not work without.
install 2>/dev/null || { apt-get update -qq >&2 && install; } ||
  skip 'apt-get could not install everything; its own words stand above.'
