/* server/store/servers.c */
#include "store/servers.h"

#include "base/clock.h"

#include <assert.h>

static const struct endpoint unnamed;

void servers_init(struct servers *s, const struct endpoints *named)
{
    *s = (struct servers){ .items = named->count ? named->items : &unnamed, .count = named->count ? named->count : 1 };
    assert(s->count <= ENDPOINTS_MAX);
    pthread_mutex_init(&s->lock, NULL);
}

void servers_end(struct servers *s)
{
    pthread_mutex_destroy(&s->lock);
}

size_t servers_order(struct servers *s, size_t order[ENDPOINTS_MAX])
{
    int64_t now = clock_monotonic_ms();
    size_t given = 0;

    pthread_mutex_lock(&s->lock);
    for (int away = 0; away < 2; away++)
        for (size_t i = 0; i < s->count; i++) {
            size_t at = (s->preferred + i) % s->count;

            if ((s->away_until_ms[at] > now) == (away == 1))
                order[given++] = at;
        }
    pthread_mutex_unlock(&s->lock);
    return given;
}

int64_t server_worked(struct servers *s, size_t i)
{
    int64_t failures;

    pthread_mutex_lock(&s->lock);
    s->preferred = i;
    s->away_until_ms[i] = 0;
    failures = s->failures[i];
    pthread_mutex_unlock(&s->lock);
    return failures;
}

void server_failed(struct servers *s, size_t i)
{
    pthread_mutex_lock(&s->lock);
    s->away_until_ms[i] = clock_monotonic_ms() + AWAY_MS;
    s->failures[i]++;
    pthread_mutex_unlock(&s->lock);
}

bool server_has_failed_since(struct servers *s, size_t i, int64_t failures)
{
    bool failed;

    pthread_mutex_lock(&s->lock);
    failed = s->failures[i] != failures;
    pthread_mutex_unlock(&s->lock);
    return failed;
}
