/* server/http/watch.h - how long a client may take
 *
 * WHAT    One watch per connection with the moment until which its present step must be done: the head of a request, its
 *         body, the reading of our answer. watches_sweep() shuts the sockets that are late.
 * WHY     libmicrohttpd's time-out counts silence only. A client that sends one octet a minute is never silent, and would
 *         keep its connection for ever.
 * OWNS    The watch; the socket is libmicrohttpd's, which closes it after watch_drop().
 * THREAD  Any; the sockets' threads move the moments, one other sweeps.
 */
#ifndef POSTREEVE_HTTP_WATCH_H
#define POSTREEVE_HTTP_WATCH_H

#include <stddef.h>
#include <stdint.h>

struct watch;
struct watches;

struct watches *watches_open(void);
void watches_close(struct watches *all);
size_t watches_count(struct watches *all);
void watches_sweep(struct watches *all);

struct watch *watch_add(struct watches *all, int socket, int64_t within_ms);
void watch_drop(struct watches *all, struct watch *w);
void watch_within(struct watch *w, int64_t within_ms); /* 0: no limit */

#endif
