/* server/http/peer.h - who is at the other end of a connection
 *
 * WHAT    Addresses and networks, and the client's own address behind the proxies we trust.
 * WHY     Throttling and the log go by the client's address. X-Forwarded-For counts only as far as a trusted
 *         proxy wrote it: read from the right, the first address that is no trusted proxy is the client. What
 *         stands further left, the client may have invented.
 * OWNS    Plain values. IPv4 is held as ::ffff:a.b.c.d, so that there is one kind of address.
 */
#ifndef POSTREEVE_HTTP_PEER_H
#define POSTREEVE_HTTP_PEER_H

#include "base/task.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct network {
    struct in6_addr address;
    unsigned bits; /* of 128 */
};

struct networks {
    struct network *items;
    size_t count;
};

bool peer_parse(struct text given, struct in6_addr *out);
struct in6_addr peer_of_socket(const struct sockaddr *address);
bool peer_is_loopback(const struct in6_addr *peer);
struct text peer_text(struct task *t, const struct in6_addr *peer);

bool network_parse(struct text given, struct network *out); /* "10.0.0.0/8", "::1" */
bool networks_hold(const struct networks *n, const struct in6_addr *peer);

struct in6_addr peer_client(const struct networks *trusted, struct in6_addr peer, struct text forwarded_for);

#endif
