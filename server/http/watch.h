/* server/http/watch.h - how long a client may take
 *
 * WHAT    One watch per connection, which knows the present step and until when it must be done.
 *         watches_sweep(), once a second, shuts the sockets that are late, and those whose client went away
 *         in the middle of a request.
 * WHY     libmicrohttpd's time-out counts silence only: a client that sends one octet a minute is never
 *         silent and would keep its connection for ever. And with epoll it can miss that a client went away
 *         when the end comes with the last data.
 * OWNS    The watch; the socket is libmicrohttpd's, which closes it after watch_drop().
 * THREAD  Any; the sockets' threads take the steps, one other sweeps.
 */
#ifndef POSTREEVE_HTTP_WATCH_H
#define POSTREEVE_HTTP_WATCH_H

#include <stddef.h>

enum step {
    STEP_HEAD,   /* from the connection, or from the answer before, to a whole head */
    STEP_BODY,
    STEP_WORK,   /* ours: no limit here, the database has its own */
    STEP_ANSWER, /* until the client has read it */
};

struct watch;
struct watches;

struct watches *watches_open(void);
void watches_close(struct watches *all);
size_t watches_count(struct watches *all);
void watches_sweep(struct watches *all);

struct watch *watch_add(struct watches *all, int socket); /* at STEP_HEAD */
void watch_drop(struct watches *all, struct watch *w);
void watch_step(struct watch *w, enum step step);

#endif
