/* server/http/worker.h - threads that do what may take long, apart from the threads that hold the sockets
 *
 * WHAT    A queue with an end, threads that run its jobs in order, and one thread that keeps finished jobs
 *         back until their time has come. A refused log-in takes as long as it should without a worker asleep
 *         on it.
 * OWNS    Nothing of a job: it belongs to whoever offered it, until finish() gets it.
 * THREAD  run() is called on a worker. finish() is called once per accepted job, on any of these threads.
 * ENDS    workers_stop() waits for `patience_ms`, then finishes what never ran (ran == false) and what was
 *         kept back; after it, offers are declined, until workers_close() frees.
 */
#ifndef POSTREEVE_HTTP_WORKER_H
#define POSTREEVE_HTTP_WORKER_H

#include "base/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job {
    struct job *next, *previous;
    int64_t due_ms; /* set by run(): clock_monotonic_ms() before which it is not finished; 0: at once */
    bool ran;
};

struct workers_plan {
    size_t threads, queue;
    void (*run)(void *context, struct job *j);
    void (*finish)(void *context, struct job *j);
    void *context;
};

struct workers_figures {
    size_t waiting, running, held;
};

struct workers;
struct workers *workers_open(const struct workers_plan *plan); /* NULL when threads cannot be had */
MUST_USE bool workers_offer(struct workers *w, struct job *j); /* false: the queue is full, or closing */
struct workers_figures workers_figures(struct workers *w);
void workers_stop(struct workers *w, int64_t patience_ms);
void workers_close(struct workers *w);

#endif
