/* tests/support/support.c */
#include "support/support.h"

#include <string.h>

int task_setup(void **state)
{
    *state = task_open();
    return 0;
}

int task_teardown(void **state)
{
    task_close(*state);
    *state = NULL;
    return 0;
}

struct task *fresh_task(void **state)
{
    task_close(*state);
    *state = task_open();
    return *state;
}

void assert_problem(const struct task *t, enum outcome o, const char *code)
{
    const struct problem *first = task_problems(t);

    assert_string_equal(first ? first->kind->code : "none", code ? code : "none");
    assert_int_equal(o, code ? INVALID : DONE);
}

void assert_figure(const struct task *t, const char *name, int64_t value)
{
    const struct problem *first = task_problems(t);

    assert_non_null(first);
    assert_non_null(first->figures[0].name);
    assert_string_equal(first->figures[0].name, name);
    assert_int_equal(first->figures[0].value, value);
}

void assert_text(struct text is, const char *expected)
{
    if (!expected) {
        assert_null(is.at);
        return;
    }
    if (!text_equal(is, text_of(expected)))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)is.length, is.at ? is.at : "", expected);
}

struct text repeated(struct task *t, char c, size_t length)
{
    char *at = task_alloc(t, length + 1);

    memset(at, c, length);
    return (struct text){ at, length };
}
