/* server/outside/words.c */
#include "outside/words.h"

/* How many octets from the start of `from` are one code point that may be shown; 0: none. */
static size_t shown(struct text from, const char *allowed)
{
    for (size_t length = 1; length <= 4 && length <= from.length; length++) {
        struct text one = text_part(from, 0, length);

        if (text_is_utf8(one))
            return text_has_control(one, allowed) ? 0 : length;
    }
    return 0;
}

struct text words_of(struct task *t, struct text given, size_t most, const char *allowed)
{
    char *at = task_alloc(t, most + 1);
    size_t used = 0;

    while (given.length) {
        size_t length = shown(given, allowed);

        if (used + (length ? length : 1) > most)
            break;
        for (size_t i = 0; i < length; i++)
            at[used++] = given.at[i];
        if (length == 0)
            at[used++] = '?';
        given = text_part(given, length ? length : 1, given.length);
    }
    return task_copy(t, text_trim((struct text){ at, used }));
}

bool words_are_plain(struct text given)
{
    for (size_t i = 0; i < given.length; i++)
        if (given.at[i] < ' ' || given.at[i] > '~')
            return false;
    return true;
}
