/* tests/outside/peer.h - the other end of a line: a server on the loopback that answers as it was told
 *
 * WHAT    A thread that takes one connection after the other and plays a table: the first row whose beginning matches a
 *         line (letters without their case) is the answer. Everything it heard is kept.
 */
#ifndef POSTREEVE_TESTS_OUTSIDE_PEER_H
#define POSTREEVE_TESTS_OUTSIDE_PEER_H

#include <stddef.h>
#include <stdint.h>

struct peer_row {
    const char *starts; /* of a line; "" for the greeting, "." for the end of a letter or of a request,
                         * "secret" for what follows a 334 */
    const char *answer; /* written as it is; NULL: silence until the other one goes; PEER_HANGS_UP: closes */
};
extern const char PEER_HANGS_UP[];

struct peer_plan {
    const struct peer_row *rows; /* ended by a row without `starts` */
    const struct peer_row *usual; /* looked through after them; NULL for none */
    int http;                    /* a request's body follows its head; the connection ends after the answer */
};
extern const struct peer_row smtp_rows[]; /* a server that takes every letter */

struct peer;
struct peer *peer_open(const struct peer_plan *plan);
int64_t peer_port(const struct peer *p);
/* Ends the thread, after which these are settled. */
void peer_stop(struct peer *p);
const char *peer_heard(const struct peer *p); /* every octet, NUL-terminated */
size_t peer_connections(const struct peer *p);
void peer_close(struct peer *p);

#endif
