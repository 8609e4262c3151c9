/* server/service/fetching.h - runs the jobs of the table `fetchmail`, or writes them down for who runs fetchmail itself
 *
 * WHAT    Each job whose time has come is a fetchmail of its own, one after the other, so that one wrong password or
 *         slow server is nobody else's affair. Its fetchmailrc goes to it by standard input: no password lies in a file,
 *         an argument or the environment. Date and result are noted in the row.
 * NODES   A job is claimed by its row before it runs; of several machines that run them, one gets it.
 * FILES   [fetchmail] directory holds what fetchmail remembers of a server that keeps its letters; nobody else's to read.
 */
#ifndef POSTREEVE_SERVICE_FETCHING_H
#define POSTREEVE_SERVICE_FETCHING_H

#include "service/verb.h"

struct fetched {
    int64_t id;
    struct text mailbox, server, result;
    bool fine;
};
struct fetching_listener {
    void (*said)(void *context, const struct fetched *f);
    void *context;
};

/* DONE when each due job has run, however it ended; INVALID (logged) when fetchmail or its directory cannot be used. */
MUST_USE enum outcome fetching_run(const struct service *s, struct task *t, const struct fetching_listener *to);
/* A fetchmailrc of all active jobs. Those that cannot be written are said, and left out. */
MUST_USE enum outcome fetching_write(const struct service *s, struct task *t, const struct fetching_listener *to,
                                     struct text *out);

#endif
