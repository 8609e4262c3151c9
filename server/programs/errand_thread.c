/* server/programs/errand_thread.c */
#include "programs/errand_thread.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/errand.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define SWEEP_MS (3600 * 1000)

struct errand_thread {
    const struct service *s;
    pthread_t thread;
    bool started;
    int stop; /* readable from errand_thread_stop() on */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken, stopping; /* under the lock */
    atomic_int_fast64_t waiting, failed;
};

static void wake(void *context)
{
    struct errand_thread *e = context;

    pthread_mutex_lock(&e->lock);
    e->woken = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

/* Until it is woken or it is time to look; false: to stop. */
static bool wait(struct errand_thread *e)
{
    struct timespec until;
    bool goes_on;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)e->s->config->errands.poll_seconds;
    pthread_mutex_lock(&e->lock);
    while (!e->woken && !e->stopping && pthread_cond_timedwait(&e->changed, &e->lock, &until) != ETIMEDOUT)
        ;
    e->woken = false;
    goes_on = !e->stopping;
    pthread_mutex_unlock(&e->lock);
    return goes_on;
}

static void look(struct errand_thread *e)
{
    struct errand_tally tally;
    struct errand_counts counts;

    if (errands_run_due(e->s, e->stop, &tally) != DONE) /* the next look will tell */
        return;
    if (errands_count(e->s, &counts) == DONE) {
        atomic_store(&e->waiting, counts.waiting);
        atomic_store(&e->failed, counts.failed);
    }
}

static void *work(void *context)
{
    struct errand_thread *e = context;
    int64_t next_sweep_ms = 0;

    do {
        look(e);
        if (clock_monotonic_ms() >= next_sweep_ms) {
            errands_sweep(e->s);
            next_sweep_ms = clock_monotonic_ms() + SWEEP_MS;
        }
    } while (wait(e));
    return NULL;
}

struct errand_thread *errand_thread_open(struct service *s)
{
    struct errand_thread *e = calloc(1, sizeof *e);
    pthread_condattr_t monotonic;

    if (!e)
        abort();
    e->s = s;
    e->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (e->stop < 0) {
        log_line(LOG_FAULT, "eventfd: %s", strerror(errno));
        free(e);
        return NULL;
    }
    pthread_mutex_init(&e->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&e->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    s->wake = wake;
    s->wake_context = e;
    return e;
}

enum outcome errand_thread_start(struct errand_thread *e)
{
    int failed = pthread_create(&e->thread, NULL, work, e);

    if (failed)
        log_line(LOG_FAULT, "pthread_create: %s", strerror(failed));
    e->started = !failed;
    return failed ? BROKEN : DONE;
}

void errand_thread_stop(struct errand_thread *e)
{
    uint64_t one = 1;

    if (write(e->stop, &one, sizeof one) < 0)
        log_line(LOG_FAULT, "eventfd: %s", strerror(errno));
    pthread_mutex_lock(&e->lock);
    e->stopping = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

void errand_thread_close(struct errand_thread *e)
{
    if (!e)
        return;
    if (e->started)
        pthread_join(e->thread, NULL);
    close(e->stop);
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

void errand_thread_figures(void *thread, int64_t *waiting, int64_t *failed)
{
    struct errand_thread *e = thread;

    *waiting = atomic_load(&e->waiting);
    *failed = atomic_load(&e->failed);
}
