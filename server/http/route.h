/* server/http/route.h - finds the row of a route table that a request means
 *
 * WHAT    Compares a path as sent, segment by segment, with the patterns of a table; "{part}" takes any one
 *         segment that is not empty. The table knows the resources; this room never does.
 */
#ifndef POSTREEVE_HTTP_ROUTE_H
#define POSTREEVE_HTTP_ROUTE_H

#include "api/call.h"

struct match {
    const struct route *route;           /* NULL: no row for this path and method */
    struct text parts[ROUTE_PARTS_MAX];  /* still percent-encoded */
    unsigned methods;                    /* METHOD_BIT() of each that the path knows; 0: no such path */
};

#define METHOD_BIT(method) (1U << (method))

struct match route_match(const struct route *table, struct text path, enum method method);
/* "GET, HEAD, POST, OPTIONS": the Allow header of a path that knows these methods. */
struct text route_allow(struct task *t, unsigned methods);

#endif
