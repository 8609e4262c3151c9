/* tests/model/test_mailbox.c - forwards in the goto list, maildirs, and what still fits into a domain */
#include "support/support.h"

#include "model/address.h"
#include "model/mailbox.h"

/* goto as the database holds it for taro@alpha.example, and what it means */
static const struct {
    const char *list;
    const char *destinations[3];
    const char *vacation_target;
    bool keep_copy;
} forwards[] = {
    { "taro@alpha.example", { NULL }, NULL, true },
    { "", { NULL }, NULL, true }, /* no alias row: virtual(8) delivers to the mailbox */
    { "x@e.example", { "x@e.example" }, NULL, false },
    { "x@e.example,y@f.example,taro@alpha.example", { "x@e.example", "y@f.example" }, NULL, true },
    { "x@e.example,taro#alpha.example@vac.example,taro@alpha.example", { "x@e.example" },
      "taro#alpha.example@vac.example", true },
    { "taro#alpha.example@vac.example,taro@alpha.example", { NULL }, "taro#alpha.example@vac.example", true },
    { "taro#alpha.example@vac.example", { NULL }, "taro#alpha.example@vac.example", false },
    { "jiro#alpha.example@vac.example", { "jiro#alpha.example@vac.example" }, NULL, false },
    { "taro#beta.example@vac.example", { "taro#beta.example@vac.example" }, NULL, false },
};

static void the_goto_list_is_read_and_written_alike(void **state)
{
    for (size_t i = 0; i < COUNT(forwards); i++) {
        struct task *t = fresh_task(state);
        struct mailbox m = { .address = TEXT("taro@alpha.example") };
        size_t count = 0;

        print_message("  %s\n", forwards[i].list);
        m.goto_list = destinations_split(t, text_of(forwards[i].list));
        mailbox_read_goto(t, &m);
        for (; forwards[i].destinations[count]; count++) {
            assert_true(count < m.forward.destinations.count);
            assert_text(m.forward.destinations.items[count], forwards[i].destinations[count]);
        }
        assert_int_equal(m.forward.destinations.count, count);
        assert_text(m.vacation_target, forwards[i].vacation_target);
        assert_int_equal(m.forward.keep_copy, forwards[i].keep_copy);
        mailbox_write_goto(t, &m);
        if (forwards[i].list[0])
            assert_text(destinations_join(t, &m.goto_list), forwards[i].list);
        else
            assert_text(destinations_join(t, &m.goto_list), "taro@alpha.example");
    }
}

static void maildirs_follow_the_layout(void **state)
{
    struct task *t = fresh_task(state);
    struct text it = TEXT("taro@alpha.example");

    assert_text(mailbox_maildir(t, it, MAILDIR_DOMAIN_USER), "alpha.example/taro/");
    assert_text(mailbox_maildir(t, it, MAILDIR_DOMAIN_ADDRESS), "alpha.example/taro@alpha.example/");
    assert_text(mailbox_maildir(t, it, MAILDIR_ADDRESS), "taro@alpha.example/");
}

#define NONE { false, 0 }
#define AT_MOST(n) { true, n }

static const struct {
    struct limit each, all, wanted;
    int64_t others;
    const char *problem;
    int64_t max;
} quotas[] = {
    { NONE, NONE, NONE, 0, NULL, 0 },
    { NONE, NONE, AT_MOST(5), 99, NULL, 0 },
    { AT_MOST(10), NONE, AT_MOST(10), 0, NULL, 0 },
    { AT_MOST(10), NONE, AT_MOST(11), 0, "quota_above_ceiling", 10 },
    { AT_MOST(10), NONE, NONE, 0, "quota_must_be_bounded", 10 },
    { AT_MOST(0), NONE, AT_MOST(1), 0, "quota_not_allowed", -1 },
    { NONE, AT_MOST(100), AT_MOST(40), 60, NULL, 0 },
    { NONE, AT_MOST(100), AT_MOST(41), 60, "domain_quota_exceeded", 40 },
    { NONE, AT_MOST(100), AT_MOST(1), 160, "domain_quota_exceeded", 0 },
    { NONE, AT_MOST(100), NONE, 0, "quota_must_be_bounded", 100 },
    { NONE, AT_MOST(0), AT_MOST(1), 0, "quota_not_allowed", -1 },
    { AT_MOST(50), AT_MOST(100), AT_MOST(50), 60, "domain_quota_exceeded", 40 },
};

static void quotas_fit_or_say_how_much_is_left(void **state)
{
    for (size_t i = 0; i < COUNT(quotas); i++) {
        struct task *t = fresh_task(state);
        struct room_left room = { .other_quota_bytes = quotas[i].others };

        room.home.mailbox_quota_max_bytes = quotas[i].each;
        room.home.quota_bytes = quotas[i].all;
        assert_problem(t, mailbox_quota_admit(t, &room, quotas[i].wanted), quotas[i].problem);
        if (quotas[i].problem && quotas[i].max >= 0)
            assert_figure(t, "max", quotas[i].max);
    }
}

static const struct {
    const char *address;
    struct limit most;
    int64_t others;
    bool is_new, keep_copy;
    const char *problem;
} mailboxes[] = {
    { "taro@a.example", NONE, 1000, true, true, NULL },
    { "taro@a.example", AT_MOST(6), 5, true, true, NULL },
    { "taro@a.example", AT_MOST(6), 6, true, true, "mailbox_limit_reached" },
    { "taro@a.example", AT_MOST(6), 9, false, true, NULL }, /* a lowered limit does not lock what is there */
    { "taro@a.example", AT_MOST(0), 0, true, true, "mailbox_limit_reached" },
    { "a..b@a.example", NONE, 0, true, true, NULL },
    { ".a@a.example", NONE, 0, true, true, "bad_path_character" },
    { "a/b@a.example", NONE, 0, true, true, "bad_path_character" },
    { "../../etc@a.example", NONE, 0, true, true, "bad_path_character" },
    { "a/b@a.example", NONE, 0, false, true, NULL }, /* an adopted one stays */
    { "taro@a.example", NONE, 0, true, false, "no_destination" },
};

static void mailboxes_fit_or_are_refused(void **state)
{
    for (size_t i = 0; i < COUNT(mailboxes); i++) {
        struct task *t = fresh_task(state);
        struct room_left room = { .other_mailboxes = mailboxes[i].others };
        struct mailbox m = { .address = text_of(mailboxes[i].address) };

        print_message("  %s\n", mailboxes[i].address);
        room.home.mailbox_limit = mailboxes[i].most;
        m.forward.keep_copy = mailboxes[i].keep_copy;
        assert_problem(t, mailbox_admit(t, &room, &m, mailboxes[i].is_new), mailboxes[i].problem);
    }
}

static void aliases_fit_or_are_refused(void **state)
{
    struct task *t = fresh_task(state);
    struct room_left room = { .other_aliases = 5 };

    assert_problem(t, alias_admit(t, &room), NULL);
    room.home.alias_limit = (struct limit)AT_MOST(6);
    assert_problem(t, alias_admit(t, &room), NULL);
    room.other_aliases = 6;
    assert_problem(t, alias_admit(t, &room), "alias_limit_reached");
    assert_figure(t, "max", 6);
}

static const struct {
    const char *address, *list, *problem;
} aliases[] = {
    { "info@a.example", "taro@a.example", NULL },
    { "info@a.example", "", "no_destination" },
    { "info@a.example", "taro@a.example,info@a.example", "self_destination" },
    { "a..b@a.example", "\"a..b\"@a.example", "self_destination" },
    { "@a.example", "@b.example", NULL },
    { "@a.example", "@a.example", "self_destination" },
    { "@a.example", "taro@a.example", NULL },
};

static void aliases_lead_somewhere_else(void **state)
{
    for (size_t i = 0; i < COUNT(aliases); i++) {
        struct task *t = fresh_task(state);
        struct texts list = destinations_split(t, text_of(aliases[i].list));

        print_message("  %s -> %s\n", aliases[i].address, aliases[i].list);
        assert_problem(t, alias_destinations_admit(t, "destinations", text_of(aliases[i].address), &list),
                       aliases[i].problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(the_goto_list_is_read_and_written_alike), TASK_TEST(maildirs_follow_the_layout),
        TASK_TEST(quotas_fit_or_say_how_much_is_left),      TASK_TEST(mailboxes_fit_or_are_refused),
        TASK_TEST(aliases_fit_or_are_refused),              TASK_TEST(aliases_lead_somewhere_else),
    };

    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
