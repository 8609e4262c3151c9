/* server/http/watch.c */
#include "http/watch.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

struct watch {
    int socket;
    _Atomic int64_t until_ms; /* 0: no limit */
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

void watches_sweep(struct watches *all)
{
    int64_t now = clock_monotonic_ms();

    pthread_mutex_lock(&all->lock);
    for (struct watch *w = all->first; w; w = w->next) {
        int64_t until = atomic_load(&w->until_ms);

        if (until && until < now)
            shutdown(w->socket, SHUT_RDWR); /* wakes its thread, which then closes it */
    }
    pthread_mutex_unlock(&all->lock);
}

struct watch *watch_add(struct watches *all, int socket, int64_t within_ms)
{
    struct watch *w = must_have(sizeof *w);

    w->socket = socket;
    watch_within(w, within_ms);
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

void watch_within(struct watch *w, int64_t within_ms)
{
    atomic_store(&w->until_ms, within_ms ? clock_monotonic_ms() + within_ms : 0);
}
