/* server/programs/errand_thread.h - the thread of postreeved that does what follows from changes (service/errand.h)
 *
 * WHAT    It looks at once when this process committed a change with errands, and every poll_seconds for those of others;
 *         every hour it removes what is old.
 * ENDS    errand_thread_stop() ends what runs; errand_thread_close() waits for that. It takes as long as a server of
 *         somebody else lets us wait for its answer, at most.
 */
#ifndef POSTREEVE_PROGRAMS_ERRAND_THREAD_H
#define POSTREEVE_PROGRAMS_ERRAND_THREAD_H

#include "service/verb.h"

struct errand_thread;

/* From now on the service wakes it; it must outlive the service's last change. NULL after a line in the log. */
struct errand_thread *errand_thread_open(struct service *s);
MUST_USE enum outcome errand_thread_start(struct errand_thread *e);
void errand_thread_stop(struct errand_thread *e);
void errand_thread_close(struct errand_thread *e); /* NULL is fine */
/* As of its latest look; for /metrics. */
void errand_thread_figures(void *thread, int64_t *waiting, int64_t *failed);

#endif
