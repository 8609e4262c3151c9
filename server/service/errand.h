/* server/service/errand.h - what happens after a commit: programs, webhooks, letters
 *
 * WHAT    A change leaves errands in the database, in its own transaction (errands_keep(), called by change_commit()), and
 *         errands_run_due() does what is due: in a thread of postreeved, or once by `postreeve errand run`.
 * HOW     An errand is taken under a lease and run without any transaction, then its end is written. Of several servers
 *         one takes it. A server that dies leaves a lease that ends; the errand is begun again then. So each is done at
 *         least once, and seldom twice: its delivery (X-Postreeve-Delivery, POSTREEVE_DELIVERY) is the same both times.
 * FAILS   What may pass is tried again, with growing pauses; what cannot, or has used up its attempts, is failed: in the
 *         log, in errand.list and in /metrics, until somebody tries it again or it is swept.
 */
#ifndef POSTREEVE_SERVICE_ERRAND_H
#define POSTREEVE_SERVICE_ERRAND_H

#include "service/verb.h"
#include "store/errand.h"

/* Of programs that run errands: INVALID after a line in the log for a URL that cannot be asked. */
MUST_USE enum outcome webhooks_check(struct task *t, const struct config *c);

struct errand_tally {
    int64_t done, again, failed;
};
/* Until nothing is due, or there is something to read from `stop` (0: never), which also ends what runs. RETRY when the
 * database does not answer. Blocks for as long as programs and servers take. */
MUST_USE enum outcome errands_run_due(const struct service *s, int stop, struct errand_tally *out);
MUST_USE enum outcome errands_count(const struct service *s, struct errand_counts *out);
/* Removes what is older than the configuration says: former states, answers to POSTs, sessions, ended errands. */
void errands_sweep(const struct service *s);

#endif
