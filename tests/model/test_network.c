/* tests/model/test_network.c - which addresses a network holds, and how it is written */
#include "support/support.h"

#include "model/network.h"

static const struct {
    const char *network, *inside, *outside;
} networks[] = {
    { "10.0.0.0/8", "10.255.0.1", "11.0.0.1" },
    { "10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3" },
    { "::ffff:10.0.0.0/104", "10.255.0.1", "11.0.0.1" },
    { "192.0.2.128/25", "192.0.2.129", "192.0.2.127" },
    { "192.0.2.1", "192.0.2.1", "192.0.2.2" },
    { "192.0.2.1/32", "::ffff:c000:201", "::c000:201" },
    { "0.0.0.0/0", "203.0.113.1", "2001:db8::1" }, /* all of IPv4 is not all of IPv6 */
    { "::ffff:0:0/96", "203.0.113.1", "2001:db8::1" },
    { "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1" },
    { "2001:db8::/127", "2001:db8::1", "2001:db8::2" },
    { "::1", "::1", "::2" },
    { "::1", "::0:1", "127.0.0.1" },
    { "::/0", "203.0.113.1", NULL },
    { "::/0", "2001:db8::1", "localhost" },
};

static void a_network_holds_its_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(networks); i++) {
        struct network n;
        struct networks all = { &n, 1 };
        struct in6_addr ip;

        print_message("  %s\n", networks[i].network);
        assert_true(network_parse(text_of(networks[i].network), &n));
        assert_true(ip_parse(text_of(networks[i].inside), &ip));
        assert_true(networks_cover(&all, &ip));
        assert_true(network_holds(text_of(networks[i].network), text_of(networks[i].inside)));
        if (!networks[i].outside)
            continue;
        assert_false(network_holds(text_of(networks[i].network), text_of(networks[i].outside)));
        assert_true(!ip_parse(text_of(networks[i].outside), &ip) || !networks_cover(&all, &ip));
    }
}

#define ITEM(literal) { (literal), sizeof(literal) - 1 }
static const struct text wrong[] = {
    { NULL, 0 },          ITEM(""),             ITEM("/"),          ITEM("/8"),           ITEM("10.0.0.0/33"),
    ITEM("10.0.0.0/-1"),  ITEM("10.0.0.0/-0"),  ITEM("10.0.0.0/"),  ITEM("10.0.0.0/0008"), ITEM("::/129"),
    ITEM("10.0.0"),       ITEM("10.0.0.0.0"),   ITEM("proxy"),      ITEM("10.0.0.0/8x"),  ITEM("[::1]"),
    ITEM("10.0.0.0/8/8"), ITEM("10.0.0.256"),   ITEM("10.0.0.01"),  ITEM("0x0a.0.0.1"),   ITEM("fe80::1%eth0"),
    ITEM(":::"),          ITEM("10.0.0.1\0"),   ITEM("10.0.0.1\0/8"), ITEM("10.0.0.0/8\0"), ITEM("\xFF\xFE"),
    ITEM("10.0.0.0/255.0.0.0"), ITEM("10.0.0.0/99999999999999999999"), ITEM("１０.0.0.1"),
};

static void nonsense_is_no_network(void **state)
{
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct task *t = fresh_task(state);
        struct text out = { NULL, 0 };
        struct network n;

        print_message("  %.*s\n", (int)wrong[i].length, wrong[i].at ? wrong[i].at : "");
        assert_false(network_parse(wrong[i], &n));
        assert_problem(t, network_canon(t, "network", wrong[i], &out), "bad_network");
        assert_false(network_holds(wrong[i], TEXT("10.0.0.0")));
        assert_false(network_holds(TEXT("::/0"), wrong[i]));
    }
    assert_false(ip_parse(repeated(*state, '1', 1000000), &(struct in6_addr){ 0 }));
}

static const struct {
    const char *given, *canonical;
    int bits; /* of the problem where there is no canonical form */
} forms[] = {
    { "10.0.0.0/8", "10.0.0.0/8", 0 },
    { " 10.0.0.0/8 ", "10.0.0.0/8", 0 },
    { "10.0.0.0/08", "10.0.0.0/8", 0 },
    { "192.0.2.1/32", "192.0.2.1", 0 },
    { "0.0.0.0/0", "0.0.0.0/0", 0 },
    { "::/0", "::/0", 0 },
    { "2001:DB8:0:0::/32", "2001:db8::/32", 0 },
    { "2001:0db8:0000:0000:0000:0000:0000:0001/128", "2001:db8::1", 0 },
    { "::ffff:10.0.0.0/104", "10.0.0.0/8", 0 },
    { "::ffff:c000:201", "192.0.2.1", 0 },
    { "::ffff:0:0/96", "0.0.0.0/0", 0 },
    { "10.1.2.3/8", NULL, 8 },
    { "192.0.2.1/31", NULL, 31 },
    { "::ffff:10.1.0.0/104", NULL, 8 },
    { "::ffff:0:0/95", NULL, 95 },
    { "2001:db8::1/64", NULL, 64 },
    { "::1/0", NULL, 0 },
};

static void networks_have_one_form(void **state)
{
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct task *t = fresh_task(state);
        struct text out = { NULL, 0 }, again;
        enum outcome o = network_canon(t, "network", text_of(forms[i].given), &out);

        print_message("  %s\n", forms[i].given);
        assert_problem(t, o, forms[i].canonical ? NULL : "network_host_bits");
        assert_text(out, forms[i].canonical);
        if (o == DONE) {
            assert_true(out.length <= NETWORK_MAX);
            assert_problem(t, network_canon(t, "network", out, &again), NULL);
            assert_true(text_equal(out, again));
        } else {
            assert_figure(t, "max", forms[i].bits);
        }
    }
}

static void no_networks_are_everybodys(void **state)
{
    struct text items[] = { TEXT("10.0.0.0/8"), TEXT("spoilt"), TEXT("2001:db8::/32") };
    struct texts none = { NULL, 0 }, some = { items, COUNT(items) }, spoilt = { items + 1, 1 };

    (void)state;
    assert_true(networks_hold(&none, TEXT("203.0.113.1")));
    assert_true(networks_hold(&none, TEXT("localhost")));
    assert_true(networks_hold(&some, TEXT("10.9.9.9")));
    assert_true(networks_hold(&some, TEXT("2001:db8::9")));
    assert_false(networks_hold(&some, TEXT("203.0.113.1")));
    assert_false(networks_hold(&some, TEXT("localhost")));
    assert_false(networks_hold(&some, TEXT("")));
    assert_false(networks_hold(&some, (struct text){ NULL, 0 }));
    assert_false(networks_hold(&spoilt, TEXT("10.9.9.9"))); /* what cannot be read lets nobody in */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_holds_its_addresses),
        TASK_TEST(nonsense_is_no_network),
        TASK_TEST(networks_have_one_form),
        cmocka_unit_test(no_networks_are_everybodys),
    };

    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
