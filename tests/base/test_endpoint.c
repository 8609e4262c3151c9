/* tests/base/test_endpoint.c - where a server is, and what is no such thing */
#include "support/support.h"

#include "base/endpoint.h"

#include <string.h>

static const struct {
    const char *given, *host;
    int64_t port;
    const char *again; /* as it is shown */
} fine[] = {
    { "db.example.jp", "db.example.jp", 0, "db.example.jp" },
    { "db.example.jp:3307", "db.example.jp", 3307, "db.example.jp:3307" },
    { "127.0.0.1:1", "127.0.0.1", 1, "127.0.0.1:1" },
    { "127.0.0.1:65535", "127.0.0.1", 65535, "127.0.0.1:65535" },
    { "::1", "::1", 0, "[::1]" },
    { "[::1]", "::1", 0, "[::1]" },
    { "[2001:db8::7]:3306", "2001:db8::7", 3306, "[2001:db8::7]:3306" },
    { "[fe80::1%eth0]:3306", "fe80::1%eth0", 3306, "[fe80::1%eth0]:3306" },
    { "localhost", "localhost", 0, "localhost" },
    { "LocalHost", "LocalHost", 0, "localhost" },
};

static void endpoints_are_taken_apart(void **state)
{
    for (size_t i = 0; i < COUNT(fine); i++) {
        struct task *t = fresh_task(state);
        struct endpoint e, again;

        print_message("  %s\n", fine[i].given);
        assert_null(endpoint_parse(t, text_of(fine[i].given), &e));
        assert_text(e.host, fine[i].host);
        assert_int_equal(strlen(e.host.at), e.host.length); /* the client library reads to the NUL */
        assert_int_equal(e.port, fine[i].port);
        assert_text(endpoint_text(t, &e), fine[i].again);
        assert_null(endpoint_parse(t, endpoint_text(t, &e), &again));
        assert_true(endpoint_equal(&e, &again));
    }
}

static const struct {
    const char *given, *words;
} wrong[] = {
    { "127.0.0.1:", "port" },         { "127.0.0.1:0", "port" },      { "127.0.0.1:65536", "port" },
    { "127.0.0.1:many", "port" },     { "127.0.0.1:-1", "port" },     { "127.0.0.1:3306 ", "blank" },
    { "one two", "blank" },           { ":3306", "no host" },         { "", "no host" },
    { "[::1", "IPv6" },               { "[]", "IPv6" },               { "[127.0.0.1]:3306", "IPv6" },
    { "[::1]3306", "bracket" },       { "[::1]:", "port" },           { "1:2:3", "brackets" },
    { "localhost:3306", "127.0.0.1" }, { "127.0.0.1:3306:1", "IPv6" },
};

static void what_is_no_endpoint_is_explained(void **state)
{
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct task *t = fresh_task(state);
        struct endpoint e;
        const char *words = endpoint_parse(t, text_of(wrong[i].given), &e);

        print_message("  \"%s\" %s\n", wrong[i].given, words ? words : "is fine");
        assert_non_null(words);
        assert_non_null(strstr(words, wrong[i].words));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(endpoints_are_taken_apart),
        TASK_TEST(what_is_no_endpoint_is_explained),
    };

    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
