/* tests/fuzz/question.c - lookup/question.h: a key of any octets is one that a row can have, or nothing can have it */
#include "fuzz.h"

#include "lookup/question.h"
#include "model/address.h"

void fuzz_start(void) {}

static void check(struct task *t, const struct question *q, struct text key)
{
    struct asked a = { 0 }, again = { 0 };
    struct address whole;

    if (!question_key(t, q, key, &a)) {
        task_forget_problems(t);
        return;
    }
    HOLDS(text_is_utf8(a.key) && !text_has_control(a.key, "") && a.key.length <= ADDRESS_MAX);
    HOLDS(a.local_part.length <= a.key.length && a.domain.length <= a.key.length);
    /* Asked in quotes, as Postfix does first, it is the same key. */
    whole = (struct address){ a.local_part, a.domain };
    HOLDS(question_key(t, q, a.local_part.length ? address_quoted(t, &whole) : a.key, &again));
    HOLDS(text_equal(a.key, again.key) && text_equal(a.domain, again.domain) && text_equal(a.local_part, again.local_part));
}

void fuzz_one(struct task *t, struct text input)
{
    for (const struct question *q = questions; q->map; q++)
        check(t, q, input);
}
