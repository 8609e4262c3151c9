/* server/http/listener.h - where the service listens, and whether it may
 *
 * WHAT    Reads `listen` ("127.0.0.1:8080", "[::1]:8080", "localhost:8080", "*:8080") and opens the socket.
 * WHY     Passwords pass here. Outside loopback the service speaks TLS, or to a trusted proxy that does, or
 *         not at all.
 */
#ifndef POSTREEVE_HTTP_LISTENER_H
#define POSTREEVE_HTTP_LISTENER_H

#include "config/config.h"
#include "http/peer.h"

struct listener {
    struct sockaddr_storage address;
    socklen_t length;
    bool loopback, tls;
    struct networks trusted;
};

/* INVALID after a line in the log that says what was expected. */
MUST_USE enum outcome listener_plan(struct task *t, const struct server_settings *s, struct listener *out);
/* INVALID, DENIED or RETRY (taken, or not there yet) after a line in the log. */
MUST_USE enum outcome listener_open(const struct server_settings *s, const struct listener *l, int *out);
/* Whether this peer may speak without TLS here. */
bool listener_admits(const struct listener *l, const struct sockaddr *peer);

#endif
