/* tests/model/test_problem.c - the codes that interfaces translate: each once, each with words */
#include "support/support.h"

#include "model/problem.h"

#include <string.h>

static size_t gather(const struct problem_kind *const *from, const struct problem_kind **into, size_t count)
{
    while (*from)
        into[count++] = *from++;
    return count;
}

static void codes_are_distinct_and_plain(void **state)
{
    const struct problem_kind *all[256];
    size_t count = gather(model_problems, all, gather(base_problems, all, 0));

    (void)state;
    assert_true(count > 30 && count < COUNT(all));
    for (size_t i = 0; i < count; i++) {
        assert_true(strspn(all[i]->code, "abcdefghijklmnopqrstuvwxyz_") == strlen(all[i]->code));
        assert_true(strlen(all[i]->detail) > 0);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(all[i]->code, all[k]->code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(codes_are_distinct_and_plain) };

    return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
