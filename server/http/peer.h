/* server/http/peer.h - who is at the other end of a connection
 *
 * WHAT    The address of a socket's other end, and the client's own address behind the proxies we trust.
 * WHY     Throttling and the log go by the client's address. X-Forwarded-For counts only as far as a trusted
 *         proxy wrote it: read from the right, the first address that is no trusted proxy is the client. What
 *         stands further left, the client may have invented.
 * OWNS    Plain values (model/network.h).
 */
#ifndef POSTREEVE_HTTP_PEER_H
#define POSTREEVE_HTTP_PEER_H

#include "model/network.h"

#include <sys/socket.h>

struct in6_addr peer_of_socket(const struct sockaddr *address);
bool peer_is_loopback(const struct in6_addr *peer);
struct in6_addr peer_client(const struct networks *trusted, struct in6_addr peer, struct text forwarded_for);

#endif
