/* server/model/errand.c */
#include "model/errand.h"

#include <string.h>

#define PAUSE_MAX 3600 /* seconds */

const char *const errand_state_words[] = { "waiting", "running", "done", "failed", NULL };

static const struct field errand_fields[] = {
    FIELD(struct errand, id, .flags = READ_ONLY | KEY, .doc = "Counts up."),
    FIELD(struct errand, kind, .flags = READ_ONLY, .doc = "program, webhook, letter or broadcast."),
    FIELD(struct errand, event, .flags = READ_ONLY, .doc = "Which hook or letter it is."),
    FIELD(struct errand, verb, .flags = READ_ONLY, .doc = "What it follows from."),
    FIELD(struct errand, actor, .flags = READ_ONLY, .doc = "Who did that."),
    FIELD(struct errand, target, .flags = READ_ONLY, .doc = "To what."),
    FIELD(struct errand, domain, .flags = READ_ONLY, .doc = "In which domain."),
    FIELD(struct errand, record, .flags = READ_ONLY, .doc = "The log's record of it."),
    FIELD(struct errand, state, .flags = READ_ONLY, .words = errand_state_words,
          .doc = "A failed one is not tried again by itself."),
    FIELD(struct errand, attempts, .flags = READ_ONLY, .doc = "How often it was begun."),
    FIELD(struct errand, due, .flags = READ_ONLY, .doc = "When it is next; of a running one, when it is taken for lost."),
    FIELD(struct errand, last_error, .flags = READ_ONLY, .doc = "Why it did not succeed the last time."),
    FIELD(struct errand, created, .flags = READ_ONLY, .doc = "When the change was made."),
    FIELD(struct errand, finished, .flags = READ_ONLY, .doc = "When it was done, or given up."),
};
const struct shape errand_shape = SHAPE(struct errand, "Errand", errand_fields);

struct text texts_pack(struct task *t, const struct texts *list)
{
    size_t room = 1, length = 0;
    char *at;

    for (size_t i = 0; i < list->count; i++)
        room += list->items[i].length + 24;
    at = task_alloc(t, room);
    for (size_t i = 0; i < list->count; i++) {
        struct text head = task_printf(t, "%zu:", list->items[i].length);

        memcpy(at + length, head.at, head.length);
        length += head.length;
        if (list->items[i].length)
            memcpy(at + length, list->items[i].at, list->items[i].length);
        length += list->items[i].length;
        at[length++] = ',';
    }
    return (struct text){ at, length };
}

bool texts_unpack(struct task *t, struct text packed, struct texts *out)
{
    out->items = task_alloc(t, (packed.length / 3 + 1) * sizeof *out->items); /* "0:," is the shortest */
    out->count = 0;
    while (packed.length) {
        size_t colon = text_find(packed, ':');
        int64_t length = 0;

        if (colon == TEXT_NOT_FOUND || !text_to_int64(text_part(packed, 0, colon), &length) || length < 0
            || (uint64_t)length >= packed.length - colon - 1 || packed.at[colon + 1 + (size_t)length] != ',')
            return false;
        out->items[out->count++] = text_part(packed, colon + 1, (size_t)length);
        packed = text_part(packed, colon + 2 + (size_t)length, packed.length);
    }
    return true;
}

struct text errand_context(struct task *t, const struct errand *e)
{
    return task_join(t, TEXT("errand/"), e->delivery);
}

int64_t errand_pause_seconds(int64_t attempts, int64_t first)
{
    int64_t pause = first;

    for (int64_t i = 1; i < attempts && pause < PAUSE_MAX; i++)
        pause *= 2;
    return pause < PAUSE_MAX ? pause : PAUSE_MAX;
}
