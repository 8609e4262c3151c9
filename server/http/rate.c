/* server/http/rate.c */
#include "http/rate.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 1024 /* a power of two */
#define NEIGHBOURS 4
#define V4_OCTETS 15 /* of ::ffff:a.b.c.0, in the 16 of an address */
#define V6_OCTETS 8
#define MINUTE_MS 60000

struct slot {
    unsigned char network[16];
    int64_t minute, count;
};

struct rate {
    pthread_mutex_t lock;
    int64_t per_minute;
    struct slot slots[SLOTS];
};

struct rate *rate_open(int64_t per_minute)
{
    struct rate *r = calloc(1, sizeof *r);

    if (!r)
        abort();
    r->per_minute = per_minute;
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void rate_close(struct rate *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static size_t place_of(const unsigned char network[16])
{
    uint32_t sum = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < 16; i++)
        sum = (sum ^ network[i]) * 16777619U;
    return sum & (SLOTS - 1);
}

/* Its own, or one of an earlier minute, or the one among the neighbours that has been asked for least. */
static struct slot *slot_of(struct rate *r, const unsigned char network[16], int64_t minute)
{
    struct slot *found = NULL;

    for (size_t i = 0, at = place_of(network); i < NEIGHBOURS; i++, at = (at + 1) & (SLOTS - 1)) {
        struct slot *s = &r->slots[at];

        if (s->minute == minute && memcmp(s->network, network, 16) == 0)
            return s;
        if (!found || (found->minute == minute && (s->minute != minute || s->count < found->count)))
            found = s;
    }
    memcpy(found->network, network, 16);
    found->minute = minute;
    found->count = 0;
    return found;
}

int64_t rate_take(struct rate *r, const struct in6_addr *client)
{
    int64_t now = clock_monotonic_ms() + MINUTE_MS, minute = now / MINUTE_MS, wait = 0; /* never minute 0: that is unused */
    unsigned char network[16] = { 0 };
    struct slot *s;

    memcpy(network, client->s6_addr, IN6_IS_ADDR_V4MAPPED(client) ? V4_OCTETS : V6_OCTETS);
    pthread_mutex_lock(&r->lock);
    s = slot_of(r, network, minute);
    if (s->count >= r->per_minute)
        wait = ((minute + 1) * MINUTE_MS - now) / 1000 + 1;
    else
        s->count++;
    pthread_mutex_unlock(&r->lock);
    return wait;
}
