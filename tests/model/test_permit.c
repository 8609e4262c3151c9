/* tests/model/test_permit.c - who may do what, over every verb's right, every role and every target */
#include "support/support.h"

#include "model/permit.h"

static const enum may of_super_admins_alone[] = { MAY_EDIT_DOMAINS, MAY_MANAGE_ADMINS };
static const enum may of_admins[] = {
    MAY_READ_DOMAINS, MAY_READ_MAILBOXES,     MAY_EDIT_MAILBOXES,     MAY_READ_ALIASES,
    MAY_EDIT_ALIASES, MAY_READ_ALIAS_DOMAINS, MAY_EDIT_ALIAS_DOMAINS, MAY_READ_LOG,
};

static void silence_is_a_refusal(void **state)
{
    static const struct target own = { true, ROLE_NOBODY };

    (void)state;
    for (int role = ROLE_NOBODY; role < ROLES; role++)
        assert_false(permitted(MAY_UNSET, (enum role)role, &own));
}

static void nobody_may_only_log_in(void **state)
{
    static const struct target own = { true, ROLE_NOBODY };

    (void)state;
    for (int may = MAY_UNSET; may < MAYS; may++)
        assert_int_equal(permitted((enum may)may, ROLE_NOBODY, &own), may == MAY_LOG_IN);
}

static void users_reach_no_further_than_themselves(void **state)
{
    static const struct target own = { true, ROLE_NOBODY };

    (void)state;
    for (int may = MAY_READ_DOMAINS; may < MAYS; may++)
        assert_false(permitted((enum may)may, ROLE_USER, &own));
}

static void domains_belong_to_super_admins(void **state)
{
    static const struct target own = { true, ROLE_NOBODY };

    (void)state;
    for (size_t i = 0; i < COUNT(of_super_admins_alone); i++) {
        assert_true(permitted(of_super_admins_alone[i], ROLE_SUPER_ADMIN, &own));
        assert_false(permitted(of_super_admins_alone[i], ROLE_DOMAIN_ADMIN, &own));
    }
}

static void domain_admins_stay_in_their_domains_and_below_their_betters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(of_admins); i++)
        for (int owned = 0; owned <= 1; owned++)
            for (int rank = ROLE_NOBODY; rank < ROLES; rank++) {
                struct target target = { owned, (enum role)rank };

                assert_int_equal(permitted(of_admins[i], ROLE_DOMAIN_ADMIN, &target),
                                 owned && rank <= ROLE_DOMAIN_ADMIN);
                assert_true(permitted(of_admins[i], ROLE_SUPER_ADMIN, &target));
            }
}

static void a_forward_is_its_users(void **state)
{
    static const struct target own = { true, ROLE_NOBODY };

    (void)state;
    for (int role = ROLE_NOBODY; role < ROLES; role++)
        assert_int_equal(permitted(MAY_USE_MAILBOX, (enum role)role, &own), role == ROLE_USER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_a_refusal),
        cmocka_unit_test(nobody_may_only_log_in),
        cmocka_unit_test(users_reach_no_further_than_themselves),
        cmocka_unit_test(domains_belong_to_super_admins),
        cmocka_unit_test(domain_admins_stay_in_their_domains_and_below_their_betters),
        cmocka_unit_test(a_forward_is_its_users),
    };

    return cmocka_run_group_tests_name("permit", tests, NULL, NULL);
}
