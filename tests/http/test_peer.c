/* tests/http/test_peer.c - addresses, networks, and the client behind proxies */
#include "support/support.h"

#include "http/peer.h"

static const struct { const char *network, *inside, *outside; } networks[] = {
    { "10.0.0.0/8", "10.255.0.1", "11.0.0.1" },
    { "192.0.2.128/25", "192.0.2.129", "192.0.2.127" },
    { "192.0.2.1", "192.0.2.1", "192.0.2.2" },
    { "0.0.0.0/0", "203.0.113.1", "2001:db8::1" }, /* all of IPv4 is not all of IPv6 */
    { "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1" },
    { "::1", "::1", "::2" },
    { "::/0", "203.0.113.1", NULL },
};

static void a_network_holds_its_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(networks); i++) {
        struct network n;
        struct networks all = { &n, 1 };
        struct in6_addr peer;

        print_message("  %s\n", networks[i].network);
        assert_true(network_parse(text_of(networks[i].network), &n));
        assert_true(peer_parse(text_of(networks[i].inside), &peer));
        assert_true(networks_hold(&all, &peer));
        if (!networks[i].outside)
            continue;
        assert_true(peer_parse(text_of(networks[i].outside), &peer));
        assert_false(networks_hold(&all, &peer));
    }
}

static void nonsense_is_no_network(void **state)
{
    static const char *const wrong[] = { "", "/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129",
                                         "10.0.0", "proxy", "10.0.0.0/8x", "[::1]", " 10.0.0.1" };
    struct network n;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        print_message("  %s\n", wrong[i]);
        assert_false(network_parse(text_of(wrong[i]), &n));
    }
}

static const struct { const char *peer, *forwarded_for, *client; } chains[] = {
    { "10.0.0.1", NULL, "10.0.0.1" },
    { "10.0.0.1", "203.0.113.9", "203.0.113.9" },
    { "10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9" }, /* what stands left, the client invented */
    { "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9" }, /* two proxies of ours */
    { "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3" },
    { "10.0.0.1", "203.0.113.9:4711", "203.0.113.9" },
    { "10.0.0.1", "[2001:db8::9]:4711", "2001:db8::9" },
    { "10.0.0.1", "[2001:db8::9]", "2001:db8::9" },
    { "10.0.0.1", "2001:db8::9", "2001:db8::9" },
    { "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1" },
    { "10.0.0.1", "203.0.113.9,", "10.0.0.1" },
    { "10.0.0.1", "[", "10.0.0.1" },
    { "203.0.113.1", "6.6.6.6", "203.0.113.1" }, /* nobody we trust says so */
};

static void the_client_is_the_last_we_do_not_trust(void **state)
{
    struct network ours;
    struct networks trusted = { &ours, 1 };

    assert_true(network_parse(TEXT("10.0.0.0/8"), &ours));
    for (size_t i = 0; i < COUNT(chains); i++) {
        struct in6_addr peer, client;

        print_message("  %s from %s\n", chains[i].forwarded_for ? chains[i].forwarded_for : "(none)",
                      chains[i].peer);
        assert_true(peer_parse(text_of(chains[i].peer), &peer));
        client = peer_client(&trusted, peer, text_of(chains[i].forwarded_for));
        assert_text(peer_text(fresh_task(state), &client), chains[i].client);
    }
}

static void loopback_is_this_machine(void **state)
{
    static const struct { const char *address; bool loopback; } cases[] = {
        { "127.0.0.1", true }, { "127.9.9.9", true }, { "::1", true },
        { "128.0.0.1", false }, { "0.0.0.0", false }, { "::", false }, { "2001:db8::1", false },
    };
    struct in6_addr peer;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("  %s\n", cases[i].address);
        assert_true(peer_parse(text_of(cases[i].address), &peer));
        assert_int_equal(peer_is_loopback(&peer), cases[i].loopback);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_holds_its_addresses), cmocka_unit_test(nonsense_is_no_network),
        TASK_TEST(the_client_is_the_last_we_do_not_trust), cmocka_unit_test(loopback_is_this_machine),
    };

    return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
