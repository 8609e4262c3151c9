/* server/http/exchange.c */
#include "http/exchange.h"

#include <string.h>

#define ROOM_FIRST ((size_t)2048)

struct exchange *exchange_open(struct text target)
{
    struct task *t = task_open();
    struct exchange *x = task_alloc(t, sizeof *x);

    x->task = t;
    x->target = target_split(task_copy(t, target));
    return x;
}

void exchange_close(struct exchange *x)
{
    if (x)
        task_close(x->task);
}

struct asked asked_of(const char *method)
{
    struct asked a = { .options = strcmp(method, "OPTIONS") == 0 };

    a.unknown = !a.options;
    if (strcmp(method, "HEAD") == 0)
        method = method_words[METHOD_GET];
    for (unsigned m = 0; method_words[m]; m++)
        if (strcmp(method_words[m], method) == 0)
            a = (struct asked){ .method = (enum method)m };
    return a;
}

static void make_room(struct exchange *x, size_t needed)
{
    struct body *b = &x->body;
    size_t room = b->room ? b->room : ROOM_FIRST;
    char *at;

    while (room < needed)
        room *= 2;
    if (room == b->room)
        return;
    at = task_alloc(x->task, room);
    if (b->length)
        memcpy(at, b->at, b->length);
    b->at = at;
    b->room = room;
}

bool exchange_take(struct exchange *x, const char *octets, size_t size, int64_t limit)
{
    struct body *b = &x->body;

    b->received += (int64_t)size;
    if (b->received > limit) {
        /* Read on, though: whoever closes on a client that is still sending takes the answer away from it as
         * well. */
        if (!x->refusal.status)
            x->refusal = REFUSED_ABOVE(413, "body", &problem_too_large, limit);
        b->kept = false;
        return b->received <= DRAIN_BYTES_MAX;
    }
    if (b->kept) {
        make_room(x, b->length + size);
        memcpy(b->at + b->length, octets, size);
        b->length += size;
    }
    return true;
}
