/* tests/fuzz/json.c - api/json.h: a body of any octets becomes a checked struct, or problems that name fields */
#include "fuzz.h"

#include "api/json.h"
#include "model/account.h"
#include "model/domain.h"
#include "model/mailbox.h"

static const struct shape *const shapes[] = { &mailbox_shape, &alias_shape, &domain_shape, &admin_shape };

void fuzz_start(void)
{
    json_start();
}

static void check(struct task *t, const struct shape *s, struct text body, enum decoding how)
{
    void *value = task_alloc(t, s->size);
    field_set given = 0;

    if (json_decode(t, s, body, how, value, &given) != DONE) {
        HOLDS(task_problems(t) != NULL);
        for (const struct problem *p = task_problems(t); p; p = p->next)
            HOLDS(problem_detail(t, p).length > 0);
        task_forget_problems(t);
        return;
    }
    HOLDS(given >> s->count == 0);
    HOLDS(text_is_utf8(json_describe(t, s, value, true)));
}

void fuzz_one(struct task *t, struct text input)
{
    for (size_t i = 0; i < COUNT(shapes); i++) {
        check(t, shapes[i], input, DECODE_WHOLE);
        check(t, shapes[i], input, DECODE_PATCH);
    }
}
