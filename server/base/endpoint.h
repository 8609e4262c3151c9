/* server/base/endpoint.h - where a server is: HOST, HOST:PORT, [IPv6] or [IPv6]:PORT
 *
 * WHY     The configuration says it once; the store and every file that mail daemons read take it from here.
 * OWNS    Nothing; the host lives as long as the task, and ends in NUL.
 */
#ifndef POSTREEVE_BASE_ENDPOINT_H
#define POSTREEVE_BASE_ENDPOINT_H

#include "base/task.h"

#define ENDPOINTS_MAX 16 /* servers of one database */

struct endpoint {
    struct text host; /* without the brackets; absent or "localhost": this machine, by a socket */
    int64_t port;     /* 0: the usual one */
};

struct endpoints {
    struct endpoint *items;
    size_t count;
};

/* NULL, or what is wrong with it, as words that go on behind it. An IPv6 address needs brackets only before a port. */
MUST_USE const char *endpoint_parse(struct task *t, struct text given, struct endpoint *out);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* As a person reads it, and endpoint_parse() takes it. */
struct text endpoint_text(struct task *t, const struct endpoint *e);
bool endpoint_is_local(const struct endpoint *e); /* by a socket */

#endif
