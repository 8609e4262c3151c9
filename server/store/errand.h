/* server/store/errand.h - errands, as rows: written, taken one at a time, and ended */
#ifndef POSTREEVE_STORE_ERRAND_H
#define POSTREEVE_STORE_ERRAND_H

#include "model/errand.h"

struct errand_counts {
    int64_t waiting, failed; /* waiting: or running */
};

MUST_USE enum outcome store_errand_insert(struct task *t, const struct errand *e);
/* The first that is due and that nobody else takes at this moment, locked, whole; MISSING when there is none. An errand
 * waits for those of its lane that came before it. */
MUST_USE enum outcome store_errand_due(struct task *t, struct errand *out);
/* It runs from now on, under e->claim, for e->seconds at most. */
MUST_USE enum outcome store_errand_take(struct task *t, const struct errand *e);
/* Its new state, attempts and last_error, and when it is due, in e->seconds. MISSING when that claim is not the row's any
 * more: somebody else took it meanwhile. What was sealed for it goes when it is done. */
MUST_USE enum outcome store_errand_end(struct task *t, const struct errand *e);
MUST_USE enum outcome store_errand_find(struct task *t, int64_t id, struct errand *out);
MUST_USE enum outcome store_errand_lock(struct task *t, int64_t id, struct errand *out);
/* Waiting, at once, as if never tried. */
MUST_USE enum outcome store_errand_again(struct task *t, int64_t id);
/* How many this actor's verb made within so many seconds. */
MUST_USE enum outcome store_errand_recent(struct task *t, struct text actor, const char *verb, int64_t seconds,
                                          int64_t *out);
MUST_USE enum outcome store_errand_count(struct task *t, struct errand_counts *out);
/* Those that ended so long ago are gone. */
MUST_USE enum outcome store_errand_sweep(struct task *t, int64_t seconds, int64_t *gone);

#endif
