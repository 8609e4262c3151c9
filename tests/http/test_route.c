/* tests/http/test_route.c - which row of a table a path means, and what else the path would take */
#include "support/support.h"

#include "http/route.h"

static const struct route table[] = {
    { METHOD_GET, "/v1/things", "thing.list" },
    { METHOD_POST, "/v1/things", "thing.create" },
    { METHOD_GET, "/v1/things/all", "thing.all" },
    { METHOD_GET, "/v1/things/{thing}", "thing.show" },
    { METHOD_DELETE, "/v1/things/{thing}", "thing.delete" },
    { METHOD_GET, "/v1/things/{thing}/parts/{part}", "part.show" },
    { METHOD_GET, NULL, NULL },
};

static const struct { enum method method; const char *path, *verb, *first, *second, *allow; } cases[] = {
    { METHOD_GET, "/v1/things", "thing.list", NULL, NULL, "GET, HEAD, POST, OPTIONS" },
    { METHOD_POST, "/v1/things", "thing.create", NULL, NULL, "GET, HEAD, POST, OPTIONS" },
    { METHOD_PUT, "/v1/things", NULL, NULL, NULL, "GET, HEAD, POST, OPTIONS" },
    { METHOD_GET, "/v1/things/all", "thing.all", NULL, NULL, "GET, HEAD, DELETE, OPTIONS" },
    { METHOD_GET, "/v1/things/a%2Fb", "thing.show", "a%2Fb", NULL, "GET, HEAD, DELETE, OPTIONS" },
    { METHOD_DELETE, "/v1/things/@", "thing.delete", "@", NULL, "GET, HEAD, DELETE, OPTIONS" },
    { METHOD_GET, "/v1/things/a/parts/b", "part.show", "a", "b", "GET, HEAD, OPTIONS" },
    { METHOD_POST, "/v1/things/a/parts/b", NULL, NULL, NULL, "GET, HEAD, OPTIONS" },
    { METHOD_GET, "/v1/things/", NULL, NULL, NULL, NULL },
    { METHOD_GET, "/v1//things", NULL, NULL, NULL, NULL },
    { METHOD_GET, "/v1/things/a/parts", NULL, NULL, NULL, NULL },
    { METHOD_GET, "/v1/things/a/parts/b/c", NULL, NULL, NULL, NULL },
    { METHOD_GET, "/v1/thing", NULL, NULL, NULL, NULL },
    { METHOD_GET, "v1/things", NULL, NULL, NULL, NULL },
    { METHOD_GET, "/V1/things", NULL, NULL, NULL, NULL },
    { METHOD_GET, "", NULL, NULL, NULL, NULL },
};

static void a_path_and_a_method_mean_one_row(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct match m = route_match(table, text_of(cases[i].path), cases[i].method);

        print_message("  %s %s\n", method_words[cases[i].method], cases[i].path);
        assert_text(text_of(m.route ? m.route->verb : NULL), cases[i].verb);
        assert_text(m.parts[0], cases[i].first);
        assert_text(m.parts[1], cases[i].second);
        assert_text(m.methods ? route_allow(t, m.methods) : text_of(NULL), cases[i].allow);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { TASK_TEST(a_path_and_a_method_mean_one_row) };

    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
