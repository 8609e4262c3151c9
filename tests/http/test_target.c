/* tests/http/test_target.c - what a request target means, and which are refused */
#include "support/support.h"

#include "http/target.h"

static const struct { const char *sent, *path, *query; } targets[] = {
    { "/a/b", "/a/b", NULL },
    { "/a?", "/a", "" },
    { "/a?x=1&y=2?", "/a", "x=1&y=2?" },
    { "http://example.org/a?x", "/a", "x" },
    { "https://example.org", "/", NULL },
    { "*", "*", NULL },
    { "", "", NULL },
};

static void a_target_is_path_and_query(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct target is = target_split(text_of(targets[i].sent));

        print_message("  %s\n", targets[i].sent);
        assert_text(is.path, targets[i].path);
        assert_text(is.query, targets[i].query);
    }
}

static const struct { const char *sent, *meant, *problem; } escapes[] = {
    { "info@example.org", "info@example.org", NULL },
    { "a%2Fb%40c%25", "a/b@c%", NULL },
    { "a+b", "a+b", NULL }, /* in a path a plus is a plus: user+extension@ */
    { "%e3%81%8a", "\xE3\x81\x8A", NULL },
    { "", "", NULL },
    { "a%00b", NULL, "bad_character" },
    { "a%0Ab", NULL, "bad_character" },
    { "%7f", NULL, "bad_character" },
    { "%ff", NULL, "bad_encoding" },
    { "%c0%80", NULL, "bad_encoding" },
    { "%", NULL, "malformed" },
    { "a%2", NULL, "malformed" },
    { "%zz", NULL, "malformed" },
    { "%+1", NULL, "malformed" },
};

static void escapes_are_undone_or_refused(void **state)
{
    for (size_t i = 0; i < COUNT(escapes); i++) {
        struct text is = { NULL, 0 };
        struct refusal r = target_decode(fresh_task(state), "path", text_of(escapes[i].sent), &is);

        print_message("  %s\n", escapes[i].sent);
        assert_int_equal(r.status, escapes[i].problem ? 400 : 0);
        if (escapes[i].problem)
            assert_string_equal(r.kind->code, escapes[i].problem);
        else
            assert_text(is, escapes[i].meant);
    }
}

static void arguments_come_in_order(void **state)
{
    struct text query = TEXT("&a=1+2&b=%3D&c&=x&a=2&");
    const struct name_value *given;
    size_t count;

    assert_int_equal(target_arguments(fresh_task(state), query, &given, &count).status, 0);
    assert_int_equal(count, 5);
    assert_text(given[0].value, "1 2");
    assert_text(given[1].value, "=");
    assert_text(given[2].name, "c");
    assert_text(given[2].value, "");
    assert_text(given[3].name, "");
    assert_text(given[4].name, "a"); /* twice: the API says what it thinks of that */
}

static void too_many_arguments_are_refused(void **state)
{
    struct task *t = fresh_task(state);
    const struct name_value *given;
    struct text query = TEXT("a=1");
    struct refusal r;
    size_t count;

    for (size_t i = 1; i < ARGUMENTS_MAX; i++)
        query = task_join(t, query, TEXT("&a=1"));
    assert_int_equal(target_arguments(t, query, &given, &count).status, 0);
    assert_int_equal(count, ARGUMENTS_MAX);
    r = target_arguments(t, task_join(t, query, TEXT("&a=1")), &given, &count);
    assert_int_equal(r.status, 400);
    assert_string_equal(r.kind->code, "too_many");
    assert_int_equal(r.figure.value, ARGUMENTS_MAX);
}

static void a_refused_argument_is_named(void **state)
{
    const struct name_value *given;
    size_t count;
    struct refusal r = target_arguments(fresh_task(state), TEXT("search=%00"), &given, &count);

    assert_int_equal(r.status, 400);
    assert_string_equal(r.field, "search");
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_path_and_query), TASK_TEST(escapes_are_undone_or_refused),
        TASK_TEST(arguments_come_in_order),           TASK_TEST(too_many_arguments_are_refused),
        TASK_TEST(a_refused_argument_is_named),
    };

    return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
