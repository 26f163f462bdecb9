/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From a packet to what the balancer wants to know of it. Whatever is not a whole TCP or UDP header over IPv4 or IPv6 opens
 * nothing and counts for nothing: later fragments and ICMP errors of the short way have files of their own (fragments.h,
 * errors.h), conntrack puts those of the long way where they belong. Reads by bpf_skb_load_bytes, which knows packets whose bytes lie in several pieces.
 */
#pragma once
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "maps.h"

#define VLAN_HEADER 4
#define MOST_EXTENSIONS 6 /* headers of IPv6 that are stepped over; a packet with more is passed on */
#define FRAGMENT_OFFSET 0x1fff
#define IP_DF 0x4000
#define IP_MF 0x2000

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct packet {
  struct address source;
  struct address destination;
  __u16 source_port; /* network byte order */
  __u16 destination_port;
  __u32 protocol;
  __u32 flags;   /* of TCP */
  __u32 payload; /* bytes */
  __u32 seq;     /* host byte order; so is the next */
  __u32 ack;
  __u32 network;   /* where its headers are, in bytes from the start of the frame */
  __u32 transport;
  __u32 fragment; /* not 0: the first one of several */
  __u32 id;       /* of those */
};

static __always_inline void set_ipv4(struct address *to, __u32 from) {
  to->words[0] = 0;
  to->words[1] = 0;
  to->words[2] = bpf_htonl(0xffff);
  to->words[3] = from;
}

/* Returns the offset of the next header or -1; notes protocol and the length of what follows. */
static __always_inline int parse_ipv4(struct __sk_buff *skb, int at, struct packet *p, __u32 *length) {
  struct iphdr ip;
  if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)) < 0) return -1;
  __u32 header = ip.ihl * 4;
  __u32 total = bpf_ntohs(ip.tot_len);
  /* More than 64 KB in one piece (BIG TCP) leave no length in the header. */
  if (total == 0) total = skb->len - at;
  if (ip.version != 4 || header < sizeof(ip) || total < header) return -1;
  /* A later fragment has no ports. */
  if (bpf_ntohs(ip.frag_off) & FRAGMENT_OFFSET) return -1;
  set_ipv4(&p->source, ip.saddr);
  set_ipv4(&p->destination, ip.daddr);
  p->protocol = ip.protocol;
  p->fragment = (ip.frag_off & bpf_htons(IP_MF)) != 0;
  p->id = ip.id;
  *length = total - header;
  return at + header;
}

static __always_inline int parse_ipv6(struct __sk_buff *skb, int at, struct packet *p, __u32 *length) {
  struct ipv6hdr ip;
  if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)) < 0) return -1;
  if (ip.version != 6) return -1;
  __builtin_memcpy(&p->source, &ip.saddr, sizeof(p->source));
  __builtin_memcpy(&p->destination, &ip.daddr, sizeof(p->destination));
  __u32 left = bpf_ntohs(ip.payload_len);
  __u32 next = ip.nexthdr;
  at += sizeof(ip);
  if (left == 0) left = skb->len - at;
  for (int i = 0; i <= MOST_EXTENSIONS; i++) {
    if (next == IPPROTO_TCP || next == IPPROTO_UDP) {
      p->protocol = next;
      *length = left;
      return at;
    }
    if (i == MOST_EXTENSIONS) return -1;
    /* All of them start alike (RFC 8200 section 4, RFC 4302 section 2): next header, and a length but for fragments. */
    struct {
      __u8 next;
      __u8 length;
      __u16 offset;
      __u32 id;
    } extension;
    if (bpf_skb_load_bytes(skb, at, &extension, sizeof(extension)) < 0) return -1;
    __u32 size;
    if (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS) {
      size = (extension.length + 1) * 8;
    } else if (next == IPPROTO_AH) {
      size = (extension.length + 2) * 4;
    } else if (next == IPPROTO_FRAGMENT) {
      if (bpf_ntohs(extension.offset) & 0xfff8) return -1;
      p->fragment = extension.offset & bpf_htons(1);
      p->id = extension.id;
      size = 8;
    } else {
      return -1;
    }
    if (left < size) return -1;
    left -= size;
    at += size;
    next = extension.next;
  }
  return -1;
}

static __always_inline int parse_tcp(struct __sk_buff *skb, int at, struct packet *p, __u32 length) {
  struct tcphdr tcp;
  if (bpf_skb_load_bytes(skb, at, &tcp, sizeof(tcp)) < 0) return -1;
  __u32 header = tcp.doff * 4;
  if (header < sizeof(tcp) || length < header) return -1;
  p->source_port = tcp.source;
  p->destination_port = tcp.dest;
  p->flags = ((__u8 *)&tcp)[13];
  p->payload = length - header;
  p->seq = bpf_ntohl(tcp.seq);
  p->ack = bpf_ntohl(tcp.ack_seq);
  return 0;
}

static __always_inline int parse_udp(struct __sk_buff *skb, int at, struct packet *p, __u32 length) {
  struct udphdr udp;
  if (length < sizeof(udp) || bpf_skb_load_bytes(skb, at, &udp, sizeof(udp)) < 0) return -1;
  p->source_port = udp.source;
  p->destination_port = udp.dest;
  p->payload = length - sizeof(udp);
  return 0;
}

/*
 * Nearly every packet: TCP or UDP over IPv4 without options or fragments, its headers in the first piece. False for all
 * others, and for what is wrong: parse looks at them closely.
 */
static __always_inline bool parse_common(struct __sk_buff *skb, struct packet *p) {
  void *data = (void *)(long)skb->data;
  void *end = (void *)(long)skb->data_end;
  struct ethhdr *ethernet = data;
  struct iphdr *ip = data + ETH_HLEN;
  struct udphdr *udp = (void *)(ip + 1);
  struct tcphdr *tcp = (void *)(ip + 1);
  if ((void *)(udp + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP)) return false;
  if (*(__u8 *)ip != 0x45 || (ip->frag_off & bpf_htons(~IP_DF & 0xffff))) return false;
  __u32 headers = sizeof(*ip);
  if (ip->protocol == IPPROTO_TCP) {
    if ((void *)(tcp + 1) > end || tcp->doff < 5) return false;
    headers += tcp->doff * 4;
    p->flags = ((__u8 *)tcp)[13];
    p->seq = bpf_ntohl(tcp->seq);
    p->ack = bpf_ntohl(tcp->ack_seq);
  } else if (ip->protocol == IPPROTO_UDP) {
    headers += sizeof(*udp);
  } else {
    return false;
  }
  __u32 total = bpf_ntohs(ip->tot_len);
  if (total < headers) return false;
  set_ipv4(&p->source, ip->saddr);
  set_ipv4(&p->destination, ip->daddr);
  p->source_port = udp->source;
  p->destination_port = udp->dest;
  p->protocol = ip->protocol;
  p->payload = total - headers;
  p->network = ETH_HLEN;
  p->transport = ETH_HLEN + sizeof(*ip);
  return true;
}

/*
 * 0, or -1 for a packet that is passed on as it is. A global function, as all big steps are: the verifier checks it once
 * and by itself, and not what comes after it anew for each way through it.
 */
__noinline int parse(struct __sk_buff *skb, struct packet *p) {
  if (!p) return -1;
  __u16 type;
  int at = ETH_HLEN;
  if (bpf_skb_load_bytes(skb, at - 2, &type, sizeof(type)) < 0) return -1;
  if (type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD)) {
    at += VLAN_HEADER;
    if (bpf_skb_load_bytes(skb, at - 2, &type, sizeof(type)) < 0) return -1;
  }
  __u32 length = 0;
  p->network = at;
  if (type == bpf_htons(ETH_P_IP)) {
    at = parse_ipv4(skb, at, p, &length);
  } else if (type == bpf_htons(ETH_P_IPV6)) {
    at = parse_ipv6(skb, at, p, &length);
  } else {
    return -1;
  }
  if (at < 0) return -1;
  p->transport = at;
  if (p->protocol == IPPROTO_TCP) return parse_tcp(skb, at, p, length);
  if (p->protocol == IPPROTO_UDP) return parse_udp(skb, at, p, length);
  return -1;
}
