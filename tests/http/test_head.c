/* tests/http/test_head.c - header fields: which heads are refused, which bodies, who has a version */
#include "support/support.h"

#include "http/head.h"

#include <string.h>

/* "Name: value|Name: value" */
static struct head head_of(struct task *t, const char *lines)
{
    struct text rest = text_of(lines);
    struct head h = { 0 };

    while (rest.length) {
        size_t end = text_find(rest, '|'), colon = text_find(rest, ':');
        struct text line = text_part(rest, 0, end);

        head_add(t, &h, text_part(line, 0, colon), text_trim(text_part(line, colon + 1, line.length)));
        rest = end == TEXT_NOT_FOUND ? TEXT("") : text_part(rest, end + 1, rest.length);
    }
    return h;
}

static const struct { const char *lines, *field, *problem; } heads[] = {
    { "Host: a|Content-Length: 3|X-Unknown: 1|X-Unknown: 2", NULL, NULL },
    { "Host: a|host: a", "Host", "duplicate_field" },
    { "Content-Type: a|Content-Type: b", "Content-Type", "duplicate_field" },
    { "Content-Length: 1|Content-Length: 1", "Content-Length", "duplicate_field" },
    { "X-CSRF-Token: a|x-csrf-token: b", "X-CSRF-Token", "duplicate_field" },
    { "Content-Length: 1|Transfer-Encoding: chunked", "Content-Length", "malformed" },
    { "Transfer-Encoding: Chunked", NULL, NULL },
    { "Transfer-Encoding: gzip, chunked", "Transfer-Encoding", "not_a_choice" },
    { "Cookie: \xFF", "Cookie", "bad_encoding" },
    { "If-Match: a\x01", "If-Match", "bad_character" },
    { "User-Agent: \xFF", NULL, NULL },
    { "X-Forwarded-For: 1|X-Forwarded-For: 2|Cookie: a|Cookie: b|Accept-Encoding: br", NULL, NULL },
};

static void what_two_could_read_in_two_ways_is_refused(void **state)
{
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct head h = head_of(fresh_task(state), heads[i].lines);
        struct refusal r = head_check(&h);

        print_message("  %s\n", heads[i].lines);
        assert_int_equal(r.status, heads[i].field ? 400 : 0);
        assert_text(text_of(r.field), heads[i].field);
        if (r.status)
            assert_string_equal(r.kind->code, heads[i].problem);
    }
}

static void lists_are_joined(void **state)
{
    struct head h = head_of(fresh_task(state), "X-Forwarded-For: 1|Cookie: a=1|"
                                               "X-Forwarded-For: 2|Cookie: b=2|User-Agent: \xFF");

    assert_int_equal(head_check(&h).status, 0);
    assert_text(h.fields[HEAD_FORWARDED_FOR], "1, 2");
    assert_text(h.fields[HEAD_COOKIE], "a=1; b=2");
    assert_text(h.fields[HEAD_USER_AGENT], NULL);
}

static const struct { const char *given; int64_t length; } lengths[] = {
    { "0", 0 }, { "12", 12 }, { "-1", -1 }, { "1x", -1 }, { "", -1 }, { "99999999999999999999", -1 },
};

static void a_length_is_a_number(void **state)
{
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct head h = { 0 };

        print_message("  %s\n", lengths[i].given);
        head_add(fresh_task(state), &h, TEXT("Content-Length"), text_of(lengths[i].given));
        assert_int_equal(head_length(&h), lengths[i].length);
    }
}

static const struct { enum method method; const char *lines; bool taken; } media[] = {
    { METHOD_POST, "Content-Type: application/json", true },
    { METHOD_POST, "Content-Type: Application/JSON ; charset=UTF-8", true },
    { METHOD_POST, "Content-Type: application/json;charset=\"utf-8\";x=y", true },
    { METHOD_POST, "Content-Type: application/json; charset=iso-8859-1", false },
    { METHOD_POST, "Content-Type: application/json|Content-Encoding: gzip", false },
    { METHOD_POST, "Content-Type: application/json|Content-Encoding: identity", true },
    { METHOD_POST, "Content-Type: application/merge-patch+json", false },
    { METHOD_PATCH, "Content-Type: application/merge-patch+json", true },
    { METHOD_PATCH, "Content-Type: application/json", true },
    { METHOD_POST, "Content-Type: text/plain", false }, /* what another site's form can send */
    { METHOD_POST, "Content-Type: application/x-www-form-urlencoded", false },
    { METHOD_POST, "Content-Type: text/plain;application/json", false },
    { METHOD_POST, "", false },
};

static void bodies_are_json(void **state)
{
    for (size_t i = 0; i < COUNT(media); i++) {
        struct head h = head_of(fresh_task(state), media[i].lines);

        print_message("  %s %s\n", method_words[media[i].method], media[i].lines);
        assert_int_equal(head_check_media(&h, media[i].method).status, media[i].taken ? 0 : 415);
    }
}

static const struct { const char *given; bool has; } versions[] = {
    { "\"a\"", true }, { "W/\"a\"", true }, { "\"b\", \"a\"", true }, { "*", true },
    { "\"b\"", false }, { "a", false }, { "", false },
};

static void who_has_a_version_is_known(void **state)
{
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct head h = { 0 };

        print_message("  %s\n", versions[i].given);
        head_add(fresh_task(state), &h, TEXT("If-None-Match"), text_of(versions[i].given));
        assert_int_equal(head_has_version(&h, TEXT("\"a\"")), versions[i].has);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(what_two_could_read_in_two_ways_is_refused), TASK_TEST(lists_are_joined),
        TASK_TEST(a_length_is_a_number), TASK_TEST(bodies_are_json), TASK_TEST(who_has_a_version_is_known),
    };

    return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
