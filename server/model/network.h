/* server/model/network.h - addresses of machines, and networks of them
 *
 * WHAT    An address, or a network in CIDR form: "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". IPv4 is held as
 *         ::ffff:a.b.c.d, so that there is one kind of address: "::ffff:10.0.0.0/104" is "10.0.0.0/8", "0.0.0.0/0" is all of
 *         IPv4 and "::/0" is everything.
 * CANON   Small letters, the shortest form (RFC 5952), IPv4 in dots, no "/32" or "/128". Bits behind the prefix must be zero:
 *         who writes 10.1.2.3/8 means something, but not what it says.
 * OWNS    Plain values.
 */
#ifndef POSTREEVE_MODEL_NETWORK_H
#define POSTREEVE_MODEL_NETWORK_H

#include "base/task.h"

#include <netinet/in.h>

#define NETWORK_MAX 49 /* octets: 45 of an address with all it can have, and "/128" */

struct network {
    struct in6_addr address;
    unsigned bits; /* of 128 */
};

struct networks {
    struct network *items;
    size_t count;
};

bool ip_parse(struct text given, struct in6_addr *out);
struct in6_addr ip_of_v4(struct in_addr v4);
struct text ip_text(struct task *t, const struct in6_addr *ip);

bool network_parse(struct text given, struct network *out); /* bits behind the prefix are let pass */
bool network_covers(const struct network *n, const struct in6_addr *ip);
bool networks_cover(const struct networks *n, const struct in6_addr *ip);

/* For fields (a canon_fn): INVALID with bad_network or network_host_bits {max}. */
MUST_USE enum outcome network_canon(struct task *t, const char *field, struct text given, struct text *out);
/* Whether all of `inner` lies in `outer`, both as they are stored. */
bool network_within(struct text inner, struct text outer);
/* As they are stored. What is no network holds nothing, and what is no address is in none. */
bool network_holds(struct text network, struct text address);
bool networks_hold(const struct texts *networks, struct text address); /* none at all: everybody */

#endif
