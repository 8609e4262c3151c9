/* server/store/servers.h - which of several database servers a connection goes to
 *
 * WHAT    The servers are nodes of one cluster, each as good as the other. All connections of a pool go to the one that
 *         worked last; the others come behind it in their order, and who failed a moment ago is asked last of all.
 * WHY     Staying on one node, people see what they just wrote without waiting for another node, and two changes of
 *         the same row meet in a lock and not in a failed commit.
 * OWNS    Nothing but its lock.
 * THREAD  Any.
 */
#ifndef POSTREEVE_STORE_SERVERS_H
#define POSTREEVE_STORE_SERVERS_H

#include "base/endpoint.h"

#include <pthread.h>

#define AWAY_MS 2000 /* so long a server that failed stands back */

struct servers {
    const struct endpoint *items;
    size_t count; /* 1 at least */
    pthread_mutex_t lock;
    size_t preferred;
    int64_t away_until_ms[ENDPOINTS_MAX];
    int64_t failures[ENDPOINTS_MAX];
};

void servers_init(struct servers *s, const struct endpoints *named); /* none: the one that the client library knows */
void servers_end(struct servers *s);

/* The order in which to ask them, now; gives how many. */
size_t servers_order(struct servers *s, size_t order[ENDPOINTS_MAX]);
/* Gives how often it has failed so far: what was opened before its next failure is not trusted after it. */
int64_t server_worked(struct servers *s, size_t i);
void server_failed(struct servers *s, size_t i);
bool server_has_failed_since(struct servers *s, size_t i, int64_t failures);

#endif
