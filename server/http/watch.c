/* server/http/watch.c */
#include "http/watch.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

static const int64_t limits_ms[] = {
    [STEP_HEAD] = 90000, [STEP_BODY] = 120000, [STEP_WORK] = 0, [STEP_ANSWER] = 300000,
};

struct watch {
    int socket;
    _Atomic int64_t until_ms; /* 0: no limit */
    atomic_bool reading;      /* we wait for the client's next octet */
    bool ended;               /* the last sweep saw the end of its stream */
    struct watch *next, *previous;
};

struct watches {
    pthread_mutex_t lock;
    struct watch *first;
    size_t count;
};

static void *must_have(size_t size)
{
    void *it = calloc(1, size);

    if (!it) {
        log_line(LOG_FAULT, "out of memory");
        abort();
    }
    return it;
}

struct watches *watches_open(void)
{
    struct watches *all = must_have(sizeof *all);

    pthread_mutex_init(&all->lock, NULL);
    return all;
}

void watches_close(struct watches *all)
{
    if (!all)
        return;
    while (all->first)
        watch_drop(all, all->first);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

size_t watches_count(struct watches *all)
{
    size_t count;

    pthread_mutex_lock(&all->lock);
    count = all->count;
    pthread_mutex_unlock(&all->lock);
    return count;
}

/* Seen in two sweeps: at the first, its thread may just have read a whole request and not have come to it
 * yet. A client that says no more but still waits for the answer is no longer being read from by the
 * second. */
static bool is_gone(struct watch *w)
{
    char octet;
    bool ended = atomic_load(&w->reading) && recv(w->socket, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    bool twice = ended && w->ended;

    w->ended = ended;
    return twice;
}

void watches_sweep(struct watches *all)
{
    int64_t now = clock_monotonic_ms();

    pthread_mutex_lock(&all->lock);
    for (struct watch *w = all->first; w; w = w->next) {
        int64_t until = atomic_load(&w->until_ms);

        if ((until && until < now) || is_gone(w))
            shutdown(w->socket, SHUT_RDWR); /* wakes its thread, which then closes it */
    }
    pthread_mutex_unlock(&all->lock);
}

struct watch *watch_add(struct watches *all, int socket)
{
    struct watch *w = must_have(sizeof *w);

    w->socket = socket;
    watch_step(w, STEP_HEAD);
    pthread_mutex_lock(&all->lock);
    w->next = all->first;
    if (w->next)
        w->next->previous = w;
    all->first = w;
    all->count++;
    pthread_mutex_unlock(&all->lock);
    return w;
}

void watch_drop(struct watches *all, struct watch *w)
{
    pthread_mutex_lock(&all->lock);
    *(w->previous ? &w->previous->next : &all->first) = w->next;
    if (w->next)
        w->next->previous = w->previous;
    all->count--;
    pthread_mutex_unlock(&all->lock);
    free(w);
}

void watch_step(struct watch *w, enum step step)
{
    atomic_store(&w->reading, step == STEP_HEAD || step == STEP_BODY);
    atomic_store(&w->until_ms, limits_ms[step] ? clock_monotonic_ms() + limits_ms[step] : 0);
}
