/* tests/store/test_vacation.c - which notice is one now, and which sender has an answer coming, whatever came before */
#include "store/scratch.h"

#include "store/vacation.h"

#include <stdio.h>

#define TARO "taro@a.example"
#define HANA "hana@far.test"

static int open_database(void **state)
{
    struct scratch *s = scratch_migrated();

    scratch_run(s, "INSERT INTO domain (domain) VALUES ('a.example');"
                   "INSERT INTO mailbox (username, password, name, maildir, local_part, domain)"
                   " VALUES ('" TARO "', 'x', '山田 太郎', 'a.example/taro/', 'taro', 'a.example');"
                   "INSERT INTO vacation (email, subject, body, cache, domain) VALUES ('" TARO "', '不在', '来週まで', '', '')");
    *state = s;
    return 0;
}

static int drop_database(void **state)
{
    scratch_close(*state);
    return 0;
}

static void a_notice_has_its_time(void **state)
{
    static const struct {
        const char *change;
        enum outcome o;
    } cases[] = {
        { "UPDATE vacation SET active = 1", DONE },
        { "UPDATE vacation SET active = 0", MISSING },
        { "UPDATE vacation SET activefrom = NOW() + INTERVAL 1 HOUR", MISSING },
        { "UPDATE vacation SET activefrom = NOW() - INTERVAL 1 SECOND", DONE },
        { "UPDATE vacation SET activeuntil = NOW() - INTERVAL 1 SECOND", MISSING },
        { "UPDATE vacation SET activeuntil = NOW() + INTERVAL 1 HOUR", DONE },
        { "UPDATE mailbox SET active = 0", MISSING },
        { "UPDATE domain SET active = 0", MISSING },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = scratch_task(*state);
        struct vacation_notice n = { 0 };

        print_message("  %s\n", cases[i].change);
        scratch_run(*state, "UPDATE vacation SET active = 1, activefrom = '2000-01-01', activeuntil = '2038-01-18';"
                            "UPDATE mailbox SET active = 1; UPDATE domain SET active = 1");
        scratch_run(*state, "%s", cases[i].change);
        assert_int_equal(store_vacation_notice(t, TEXT(TARO), &n), cases[i].o);
        if (cases[i].o == DONE) {
            assert_text(n.subject, "不在");
            assert_text(n.body, "来週まで");
            assert_text(n.display_name, "山田 太郎");
        }
        task_close(t);
    }
    scratch_run(*state, "UPDATE domain SET active = 1");
}

/* A row as it stands, how long ago it was written, and whether letter 'a' is to be answered. */
static void who_had_an_answer_waits(void **state)
{
    static const struct {
        const char *letter; /* NULL: as vacation.pl writes it */
        int stage, seconds_ago, interval;
        enum outcome o;
    } cases[] = {
        /* answered: by the interval alone */
        { "b", 2, 100, 3600, CONFLICT }, { "b", 2, 3601, 3600, DONE },  { "b", 2, 9000000, 0, CONFLICT },
        { NULL, 2, 100, 3600, CONFLICT }, { NULL, 2, 3601, 3600, DONE }, { NULL, 2, 9000000, 0, CONFLICT },
        { "b", 2, 0, 1, DONE },          { NULL, 2, 0, 1, DONE },
        /* this very letter, whose answer went, or may have gone */
        { "a", 2, 0, 1, CONFLICT },      { "a", 2, 9000, 3600, CONFLICT }, { "a", 1, 0, 1, CONFLICT },
        { "a", 1, 9000, 3600, CONFLICT }, { "a", 1, 90000, 0, CONFLICT },
        /* this very letter, whose answer never left */
        { "a", 0, 0, 0, DONE },          { "a", 0, 0, 3600, DONE },      { "a", 0, 0, 1, DONE },
        /* another letter is being answered, or its program ended before */
        { "b", 0, 100, 3600, CONFLICT }, { "b", 0, 100, 0, CONFLICT },   { "b", 0, 86401, 0, DONE },
        { "b", 0, 86401, 604800, DONE }, { "b", 0, 3601, 3600, DONE },   { "b", 0, 0, 1, DONE },
        /* another's answer may have gone: as if it had, but nobody waits for good */
        { "b", 1, 100, 3600, CONFLICT }, { "b", 1, 86401, 604800, CONFLICT }, { "b", 1, 604801, 604800, DONE },
        { "b", 1, 100, 0, CONFLICT },    { "b", 1, 86401, 0, DONE },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = scratch_task(*state);
        struct vacation_answer a = { .address = TEXT(TARO), .sender = TEXT(HANA), .letter = TEXT("a") };
        char letter[8] = "NULL";

        if (cases[i].letter)
            snprintf(letter, sizeof letter, "'%s'", cases[i].letter);
        print_message("  %s %d, %d of %d s\n", letter, cases[i].stage, cases[i].seconds_ago, cases[i].interval);
        scratch_run(*state, "UPDATE vacation SET interval_time = %d; DELETE FROM vacation_notification;"
                            "INSERT INTO vacation_notification (on_vacation, notified, notified_at, letter, stage)"
                            " VALUES ('" TARO "', '" HANA "', NOW() - INTERVAL %d SECOND, %s, %d)",
                    cases[i].interval, cases[i].seconds_ago, letter, cases[i].stage);
        assert_int_equal(store_vacation_claim(t, &a), cases[i].o);
        assert_int_equal(scratch_number(*state, "SELECT COUNT(*) FROM vacation_notification WHERE letter = 'a' AND stage = 0"
                                                " AND notified_at > NOW() - INTERVAL 60 SECOND"),
                         cases[i].o == DONE);
        assert_null(task_problems(t));
        task_close(t);
    }
}

static void a_notice_that_begins_later_is_another_one(void **state)
{
    struct task *t = scratch_task(*state);
    struct vacation_answer a = { .address = TEXT(TARO), .sender = TEXT(HANA), .letter = TEXT("a") };

    scratch_run(*state, "UPDATE vacation SET interval_time = 0, activefrom = NOW() - INTERVAL 1 HOUR;"
                        "DELETE FROM vacation_notification; INSERT INTO vacation_notification (on_vacation, notified, notified_at)"
                        " VALUES ('" TARO "', '" HANA "', NOW() - INTERVAL 2 HOUR)");
    assert_int_equal(store_vacation_claim(t, &a), DONE);
    assert_int_equal(store_vacation_stage(t, &a, ANSWER_HANDED), DONE);
    assert_int_equal(store_vacation_stage(t, &a, ANSWER_ANSWERED), DONE);
    a.letter = TEXT("b");
    assert_int_equal(store_vacation_claim(t, &a), CONFLICT);
    assert_int_equal(store_vacation_stage(t, &a, ANSWER_HANDED), MISSING); /* it is a's */
    task_close(t);
    scratch_run(*state, "UPDATE vacation SET activefrom = '2000-01-01'");
}

static void each_sender_is_one_of_their_own(void **state)
{
    struct task *t = scratch_task(*state);
    struct vacation_answer a = { .address = TEXT(TARO), .sender = TEXT(HANA), .letter = TEXT("a") };

    scratch_run(*state, "DELETE FROM vacation_notification");
    assert_int_equal(store_vacation_claim(t, &a), DONE);
    a.sender = TEXT("jiro@far.test");
    assert_int_equal(store_vacation_claim(t, &a), DONE);
    a.address = TEXT("nobody@a.example"); /* no notice, so no answer to note */
    assert_int_equal(store_vacation_claim(t, &a), CONFLICT);
    task_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_has_its_time),
        cmocka_unit_test(who_had_an_answer_waits),
        cmocka_unit_test(a_notice_that_begins_later_is_another_one),
        cmocka_unit_test(each_sender_is_one_of_their_own),
    };

    return cmocka_run_group_tests_name("store/vacation", tests, open_database, drop_database);
}
