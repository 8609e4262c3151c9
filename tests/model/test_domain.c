/* tests/model/test_domain.c - the aliases that new domains begin with, as the configuration writes them */
#include "support/support.h"

#include "model/domain.h"

#include <string.h>

static const struct {
    const char *given, *local_part, *target, *problem; /* target in the domain new.example */
} cases[] = {
    { "postmaster:admin@example.jp", "postmaster", "admin@example.jp", NULL },
    { "Abuse:Postmaster", "abuse", "postmaster@new.example", NULL },
    { "abuse:a..b@docomo.example", "abuse", "\"a..b\"@docomo.example", NULL },
    { "abuse:a..b", "abuse", "\"a..b\"@new.example", NULL },
    { "info:@example.jp", "info", "@example.jp", NULL },
    { "postmaster:postmaster", NULL, NULL, "self_destination" },
    { "postmaster", NULL, NULL, "malformed" },
    { "postmaster:", NULL, NULL, "malformed" },
    { ":admin@example.jp", NULL, NULL, "malformed" },
    { "post\nmaster:admin@example.jp", NULL, NULL, "bad_character" },
    { "abuse:|/bin/sh", NULL, NULL, "bad_destination" },
    { "abuse:\"|/bin/sh\"@example.jp", NULL, NULL, "bad_destination" },
    { "abuse:a@example..jp", NULL, NULL, "bad_domain" },
};

static void a_default_alias_is_taken_apart(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct text canonical = TEXT("");
        enum outcome o = default_alias_canon(t, "default_aliases", text_of(cases[i].given), &canonical);
        struct default_alias d;

        print_message("  %s\n", cases[i].given);
        if (cases[i].problem) {
            assert_int_equal(o, INVALID);
            assert_string_equal(task_problems(t)->kind->code, cases[i].problem);
            continue;
        }
        assert_int_equal(o, DONE);
        d = default_alias_split(canonical);
        assert_text(d.local_part, cases[i].local_part);
        assert_text(default_alias_target(t, &d, TEXT("new.example")), cases[i].target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { TASK_TEST(a_default_alias_is_taken_apart) };

    return cmocka_run_group_tests_name("model/domain", tests, NULL, NULL);
}
