/* server/http/server.h - the service on its socket
 *
 * WHAT    Accepts connections and hands them to libmicrohttpd's threads (epoll), which do nothing that can
 *         wait: whatever may ask the database goes to a worker while the connection is suspended.
 * LIMITS  Connections altogether and per address, octets of a head and of a body, arguments, requests that
 *         wait for a worker, and time for every step of a client (watch.h).
 * ENDS    server_close() accepts nothing any more, lets what runs come to its end for a bounded time, answers
 *         the rest with 503, and closes.
 */
#ifndef POSTREEVE_HTTP_SERVER_H
#define POSTREEVE_HTTP_SERVER_H

#include "api/call.h"
#include "config/config.h"

struct server;

struct server_parts {
    const struct config *config;
    struct api *api;
    void (*database_figures)(struct api *a, int64_t *open, int64_t *used); /* for /metrics */
    void (*errand_figures)(void *context, int64_t *waiting, int64_t *failed);
    void *errand_context;
};

/* What of the configuration can be wrong without a socket: INVALID after a line in the log. */
MUST_USE enum outcome server_check(struct task *t, const struct config *c);
/* The server lies in the task, which must outlive it. INVALID is the configuration's fault, RETRY and DENIED
 * the socket's. */
MUST_USE enum outcome server_open(struct task *t, const struct server_parts *parts, struct server **out);
/* Until there is something to read from `stop` (a signalfd). */
void server_run(struct server *s, int stop);
void server_close(struct server *s);

#endif
