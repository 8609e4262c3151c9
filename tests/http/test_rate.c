/* tests/http/test_rate.c - how often a network may ask, and that another may meanwhile */
#include "support/support.h"

#include "http/rate.h"
#include "model/network.h"

#define PER_MINUTE 5

static int64_t taken(struct rate *r, const char *from)
{
    struct in6_addr ip;

    assert_true(ip_parse(text_of(from), &ip));
    return rate_take(r, &ip);
}

/* A new minute may begin meanwhile: of twice as many and one, one is too many. */
static int64_t taken_too_often(struct rate *r, const char *from)
{
    int64_t wait = 0;

    for (int i = 0; i <= 2 * PER_MINUTE && !wait; i++)
        wait = taken(r, from);
    return wait;
}

static void a_network_waits_and_others_do_not(void **state)
{
    struct rate *r = rate_open(PER_MINUTE);
    int64_t wait = taken_too_often(r, "192.0.2.1");

    (void)state;
    assert_in_range(wait, 1, 61);
    assert_int_equal(taken(r, "198.51.100.1"), 0);
    assert_int_equal(taken(r, "192.0.3.1"), 0);
    assert_int_equal(taken(r, "2001:db8::1"), 0);
    assert_true(taken_too_often(r, "2001:db8::1") > 0);
    assert_int_equal(taken(r, "2001:db8:0:1::1"), 0);
    rate_close(r);
}

static void addresses_of_one_network_count_together(void **state)
{
    struct rate *r = rate_open(PER_MINUTE);
    int refused = 0;

    for (int i = 0; i <= 2 * PER_MINUTE; i++)
        refused += taken(r, task_printf(fresh_task(state), "192.0.2.%d", i).at) > 0;
    assert_true(refused > 0);
    refused = 0;
    for (int i = 0; i <= 2 * PER_MINUTE; i++)
        refused += taken(r, task_printf(fresh_task(state), "2001:db8::%d:1", i).at) > 0;
    assert_true(refused > 0);
    rate_close(r);
}

static void many_networks_take_no_more_memory(void **state)
{
    struct rate *r = rate_open(PER_MINUTE);

    for (int i = 0; i < 20000; i++)
        assert_int_equal(taken(r, task_printf(fresh_task(state), "10.%d.%d.1", i / 250, i % 250).at), 0);
    rate_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_waits_and_others_do_not),
        TASK_TEST(addresses_of_one_network_count_together),
        TASK_TEST(many_networks_take_no_more_memory),
    };

    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
