/* server/service/throttle.h - how often a password may be tried
 *
 * WHAT    Failures are counted per account and per source network of three widths (IPv4 /32 /24 /16, IPv6 /128 /64 /48)
 *         within a window. Counting stands outside any transaction, so that it stays whatever becomes of the request.
 */
#ifndef POSTREEVE_SERVICE_THROTTLE_H
#define POSTREEVE_SERVICE_THROTTLE_H

#include "service/verb.h"

#define BUCKETS 4
struct bucket {
    struct text name;
    int64_t most;
};

/* The account's bucket is the first. */
void throttle_buckets(struct work *w, struct text username, struct bucket out[BUCKETS]);
/* BUSY, with the answer's wait_seconds, when one of them is full. */
MUST_USE enum outcome throttle_check(struct work *w, const struct bucket all[BUCKETS]);
MUST_USE enum outcome throttle_count(struct work *w, const struct bucket all[BUCKETS]);
/* After a success: the account's own failures are forgotten, and whatever has faded by now goes from the table. */
MUST_USE enum outcome throttle_forgive(struct work *w, const struct bucket all[BUCKETS]);

#endif
