/* server/http/rate.h - how often a network asks for what anybody may ask
 *
 * WHAT    Counts by network (/24, IPv6: /64) and minute, in a table of a fixed size: many networks at once crowd each other out
 *         of it, and are counted anew, rather than take memory.
 * THREAD  Any.
 */
#ifndef POSTREEVE_HTTP_RATE_H
#define POSTREEVE_HTTP_RATE_H

#include <netinet/in.h>
#include <stdint.h>

struct rate;
struct rate *rate_open(int64_t per_minute);
void rate_close(struct rate *r); /* NULL is fine */
/* Counts one; 0: it may, else in how many seconds it may. */
int64_t rate_take(struct rate *r, const struct in6_addr *client);

#endif
