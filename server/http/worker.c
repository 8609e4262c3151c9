/* server/http/worker.c */
#include "http/worker.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secrecy.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct list {
    struct job *first, *last;
    size_t count;
};

struct workers {
    struct workers_plan plan;
    pthread_mutex_t lock;
    pthread_cond_t work, held_changed, idle; /* something to run; to hold; nothing left of both */
    struct list waiting, held;               /* held: ordered by due_ms */
    size_t running, started;
    bool holding, closed;                    /* holding: the holder thread was started */
    pthread_t holder, threads[];
};

/* `before` NULL: at the end. */
static void list_insert(struct list *l, struct job *j, struct job *before)
{
    j->next = before;
    j->previous = before ? before->previous : l->last;
    *(j->previous ? &j->previous->next : &l->first) = j;
    *(before ? &before->previous : &l->last) = j;
    l->count++;
}

static struct job *list_take(struct list *l)
{
    struct job *j = l->first;

    l->first = j->next;
    *(l->first ? &l->first->previous : &l->last) = NULL;
    l->count--;
    j->next = j->previous = NULL;
    return j;
}

/* From the end: delays are mostly alike, so that a new one comes last. */
static void hold(struct workers *w, struct job *j)
{
    struct job *before = NULL, *last = w->held.last;

    while (last && last->due_ms > j->due_ms) {
        before = last;
        last = last->previous;
    }
    list_insert(&w->held, j, before);
    pthread_cond_signal(&w->held_changed);
}

static bool is_idle(const struct workers *w)
{
    return w->waiting.count == 0 && w->running == 0 && w->held.count == 0;
}

static void run_one(struct workers *w)
{
    struct job *j = list_take(&w->waiting);
    bool later;

    w->running++;
    pthread_mutex_unlock(&w->lock);
    w->plan.run(w->plan.context, j);
    wipe_stack();
    j->ran = true;
    later = j->due_ms > clock_monotonic_ms();
    if (!later)
        w->plan.finish(w->plan.context, j); /* j is gone from here on */
    pthread_mutex_lock(&w->lock);
    if (later)
        hold(w, j);
    w->running--;
    if (is_idle(w))
        pthread_cond_broadcast(&w->idle);
}

static void *work(void *given)
{
    struct workers *w = given;

    pthread_mutex_lock(&w->lock);
    while (!w->closed) {
        if (w->waiting.count)
            run_one(w);
        else
            pthread_cond_wait(&w->work, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static struct timespec moment(int64_t monotonic_ms)
{
    return (struct timespec){ .tv_sec = monotonic_ms / 1000, .tv_nsec = monotonic_ms % 1000 * 1000000 };
}

static void finish_first_held(struct workers *w)
{
    struct job *j = list_take(&w->held);

    pthread_mutex_unlock(&w->lock);
    w->plan.finish(w->plan.context, j);
    pthread_mutex_lock(&w->lock);
    if (is_idle(w))
        pthread_cond_broadcast(&w->idle);
}

static void *keep_back(void *given)
{
    struct workers *w = given;

    pthread_mutex_lock(&w->lock);
    while (!w->closed) {
        struct timespec until;

        if (!w->held.count) {
            pthread_cond_wait(&w->held_changed, &w->lock);
        } else if (w->held.first->due_ms <= clock_monotonic_ms()) {
            finish_first_held(w);
        } else {
            until = moment(w->held.first->due_ms);
            pthread_cond_timedwait(&w->held_changed, &w->lock, &until);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void condition_init(pthread_cond_t *c)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(c, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct workers *workers_open(const struct workers_plan *plan)
{
    struct workers *w = calloc(1, sizeof *w + plan->threads * sizeof w->threads[0]);
    int error;

    if (!w)
        return NULL;
    w->plan = *plan;
    pthread_mutex_init(&w->lock, NULL);
    condition_init(&w->work);
    condition_init(&w->held_changed);
    condition_init(&w->idle);
    error = pthread_create(&w->holder, NULL, keep_back, w);
    w->holding = error == 0;
    while (!error && w->started < plan->threads) {
        error = pthread_create(&w->threads[w->started], NULL, work, w);
        if (!error)
            w->started++;
    }
    if (!error)
        return w;
    log_line(LOG_FAULT, "cannot start a thread: %s", strerror(error));
    workers_stop(w, 0);
    workers_close(w);
    return NULL;
}

bool workers_offer(struct workers *w, struct job *j)
{
    bool room;

    pthread_mutex_lock(&w->lock);
    room = !w->closed && w->waiting.count < w->plan.queue;
    if (room) {
        j->due_ms = 0;
        j->ran = false;
        list_insert(&w->waiting, j, NULL);
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

struct workers_figures workers_figures(struct workers *w)
{
    struct workers_figures f;

    pthread_mutex_lock(&w->lock);
    f = (struct workers_figures){ w->waiting.count, w->running, w->held.count };
    pthread_mutex_unlock(&w->lock);
    return f;
}

static void wait_until_idle(struct workers *w, int64_t patience_ms)
{
    struct timespec until = moment(clock_monotonic_ms() + patience_ms);

    while (!is_idle(w))
        if (pthread_cond_timedwait(&w->idle, &w->lock, &until) != 0)
            return;
}

static void join_all(struct workers *w)
{
    for (size_t i = 0; i < w->started; i++)
        pthread_join(w->threads[i], NULL);
    if (w->holding)
        pthread_join(w->holder, NULL);
}

void workers_stop(struct workers *w, int64_t patience_ms)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    wait_until_idle(w, patience_ms);
    w->closed = true;
    pthread_cond_broadcast(&w->work);
    pthread_cond_broadcast(&w->held_changed);
    pthread_mutex_unlock(&w->lock);
    join_all(w); /* what runs at this moment ends by the database's own time-outs */
    while (w->waiting.count)
        w->plan.finish(w->plan.context, list_take(&w->waiting));
    while (w->held.count)
        w->plan.finish(w->plan.context, list_take(&w->held));
}

void workers_close(struct workers *w)
{
    if (!w)
        return;
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->held_changed);
    pthread_cond_destroy(&w->idle);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
