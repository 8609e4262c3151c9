/* tests/http/test_peer.c - the client behind proxies */
#include "support/support.h"

#include "http/peer.h"

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
        assert_true(ip_parse(text_of(chains[i].peer), &peer));
        client = peer_client(&trusted, peer, text_of(chains[i].forwarded_for));
        assert_text(ip_text(fresh_task(state), &client), chains[i].client);
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
        assert_true(ip_parse(text_of(cases[i].address), &peer));
        assert_int_equal(peer_is_loopback(&peer), cases[i].loopback);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(the_client_is_the_last_we_do_not_trust), cmocka_unit_test(loopback_is_this_machine),
    };

    return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
