/* tests/service/test_vacation.c - what a mailbox answers while its owner is away, and which aliases lead to it */
#include "service/world.h"

#include "base/shape.h"
#include "model/vacation.h"

#include <stdio.h>

#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define SET(body_) { &user, "me.set-vacation", .body = "{" body_ "}" }
#define SET_OTHERS(who, body_) { who, "mailbox.set-vacation", .key = "plain@own.example", .body = "{" body_ "}" }
#define ON "\"active\": true, \"subject\": \"Away\", \"body\": \"Until Monday.\\n\\nPlain\""
#define TARGET "plain#own.example@auto.example"
#define GOTO "SELECT goto FROM alias WHERE address = 'plain@own.example'"
#define SET_GOTO(list) "UPDATE alias SET goto = '" list "' WHERE address = 'plain@own.example';"
#define VACATION_ROW(active)                                                                                          \
    "INSERT INTO vacation (email, subject, body, cache, domain, active) VALUES ('plain@own.example', 'old', 'text', ''," \
    " 'own.example', " active ");"                                                                                    \
    "INSERT INTO vacation_notification (on_vacation, notified) VALUES ('plain@own.example', 'x@y.example');"
#define ROW                                                                                                           \
    "SELECT subject, body, domain, active, activefrom, activeuntil, interval_time, cache,"                            \
    " (SELECT COUNT(*) FROM vacation_notification) FROM vacation"
#define FOR_EVER "2000-01-01 00:00:00|2038-01-18 00:00:00"

static const struct play changes[] = {
    { "on, the row", NULL, SET(ON), DONE, NULL, NULL, ROW,
      "Away|Until Monday.\n\nPlain|own.example|1|" FOR_EVER "|86400||0\n" },
    { "on, the destination", NULL, SET(ON), DONE, NULL, NULL, GOTO, TARGET ",plain@own.example\n" },
    { "on, after forwards and before the copy", SET_GOTO("x@y.example,plain@own.example"), SET(ON), DONE, NULL, NULL, GOTO,
      "x@y.example," TARGET ",plain@own.example\n" },
    { "on, without a copy", SET_GOTO("x@y.example"), SET(ON), DONE, NULL, NULL, GOTO, "x@y.example," TARGET "\n" },
    { "on again is once", SET_GOTO(TARGET ",plain@own.example") VACATION_ROW("1"), SET(ON), DONE, NULL, NULL, GOTO,
      TARGET ",plain@own.example\n" },
    { "another text answers nobody twice", SET_GOTO(TARGET ",plain@own.example") VACATION_ROW("1"), SET(ON), DONE, NULL, NULL,
      "SELECT subject, (SELECT COUNT(*) FROM vacation_notification) FROM vacation", "Away|1\n" },
    { "on, and who has had an answer may have another", VACATION_ROW("0"), SET(ON), DONE, NULL, NULL, ROW,
      "Away|Until Monday.\n\nPlain|own.example|1|" FOR_EVER "|86400||0\n" },
    { "off keeps the text", SET_GOTO("x@y.example," TARGET ",plain@own.example") VACATION_ROW("1"),
      SET("\"subject\": \"old\", \"body\": \"text\""), DONE, NULL, NULL, ROW,
      "old|text|own.example|0|" FOR_EVER "|86400||0\n" },
    { "off, the destination", SET_GOTO("x@y.example," TARGET ",plain@own.example") VACATION_ROW("1"),
      SET("\"active\": false"), DONE, NULL, NULL, GOTO, "x@y.example,plain@own.example\n" },
    { "off, where answering was all", SET_GOTO(TARGET) VACATION_ROW("1"), SET("\"active\": false"), DONE, NULL, NULL, GOTO,
      "plain@own.example\n" },
    { "off, the destination of a domain that was configured before", SET_GOTO("plain#own.example@old.example,plain@own.example"),
      SET("\"active\": false"), DONE, NULL, NULL, GOTO, "plain@own.example\n" },
    { "days and an interval", NULL,
      SET(ON ", \"from\": \"2026-12-29\", \"until\": \"2027-01-04T00:00:00Z\", \"interval_seconds\": 0"), DONE, NULL, NULL,
      "SELECT UNIX_TIMESTAMP(activefrom), UNIX_TIMESTAMP(activeuntil), interval_time FROM vacation",
      "1798502400|1799020800|0\n" },
    { "beyond the table's reach is no end", NULL, SET(ON ", \"until\": \"2100-01-01\""), DONE, NULL, NULL,
      "SELECT activeuntil FROM vacation", "2038-01-18 00:00:00\n" },
    { "an end that has passed is kept", NULL, SET(ON ", \"until\": \"2020-01-01\""), DONE, NULL, NULL, GOTO,
      TARGET ",plain@own.example\n" },
    { "an end before the beginning", NULL, SET(ON ", \"from\": \"2026-12-29\", \"until\": \"2026-12-29\""),
      REFUSED("ends_before_it_begins", "until") },
    { "no subject", NULL, SET("\"active\": true, \"body\": \"x\""), REFUSED("required", "subject") },
    { "a blank subject", NULL, SET("\"active\": true, \"subject\": \"  \""), REFUSED("required", "subject") },
    { "a subject of two lines, which would be a header", NULL, SET("\"active\": true, \"subject\": \"x\\r\\nBcc: y\""),
      REFUSED("bad_character", "subject") },
    { "no subject while it is off", NULL, SET("\"active\": false"), DONE, NULL, NULL, "SELECT subject, body FROM vacation",
      "|\n" },
    { "an interval of more than a year", NULL, SET(ON ", \"interval_seconds\": 31536001"),
      REFUSED("too_large", "interval_seconds") },
    { "another's, by whose domain it is", NULL, SET_OTHERS(&dora, ON), DONE, NULL, NULL, GOTO,
      TARGET ",plain@own.example\n" },
    { "another's, that is not there", NULL,
      { &dora, "mailbox.set-vacation", .key = "none@own.example", .body = "{" ON "}" }, MISSING, NULL, NULL, NULL, NULL },
    { "other changes keep it", SET_GOTO(TARGET ",plain@own.example") VACATION_ROW("1"),
      { &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"forward\": {\"destinations\": [\"x@y.example\"]}}" },
      DONE, NULL, NULL, GOTO, "x@y.example," TARGET ",plain@own.example\n" },
    { "one's own forward keeps it", SET_GOTO(TARGET ",plain@own.example") VACATION_ROW("1"),
      { &user, "me.set-forward", .body = "{\"destinations\": [\"x@y.example\"]}" }, DONE, NULL, NULL, GOTO,
      "x@y.example," TARGET ",plain@own.example\n" },
    { "somebody without a mailbox has none", NULL, { &dora, "me.set-vacation", .body = "{" ON "}" }, DENIED, NULL, NULL, NULL,
      NULL },
};

static void it_is_postfix_admins(void **state)
{
    struct world *w = *state;

    w->config.mail.vacation_domain = TEXT("auto.example");
    world_play(w, changes, COUNT(changes));
    w->config.mail.vacation_domain = TEXT("");
}

static void it_is_off_where_nothing_would_answer(void **state)
{
    struct world *w = *state;

    assert_int_equal(ASK(w, &user, "me.set-vacation", .body = "{" ON "}"), INVALID);
    assert_string_equal(task_problems(w->t)->kind->code, "no_vacation_domain");
    assert_text(task_problems(w->t)->field, "active");
    assert_int_equal(ASK(w, &user, "me.set-vacation", .body = "{\"subject\": \"for later\"}"), DONE);
}

static const struct vacation *shown(struct world *w)
{
    assert_int_equal(ASK(w, &user, "me.vacation"), DONE);
    return w->answer.item;
}

static void it_is_shown_as_it_is(void **state)
{
    struct world *w = *state;
    const struct vacation *v = shown(w);

    assert_false(v->active);
    assert_text(v->subject, "");
    assert_int_equal(v->interval_seconds, 86400);
    scratch_run(w->db, VACATION_ROW("1") "UPDATE vacation SET activefrom = '2026-12-01', activeuntil = '2026-12-02'");
    assert_false(shown(w)->active); /* no letter would reach what answers */
    scratch_run(w->db, SET_GOTO(TARGET ",plain@own.example"));
    v = shown(w);
    assert_true(v->active);
    assert_text(v->subject, "old");
    assert_text(v->body, "text");
    assert_true(v->from.known && v->until.known && v->until.unix_seconds - v->from.unix_seconds == 86400);
    scratch_run(w->db, "UPDATE vacation SET activefrom = '2000-01-01', activeuntil = '2038-01-18', interval_time = 1");
    v = shown(w);
    assert_false(v->from.known || v->until.known);
    assert_int_equal(v->interval_seconds, 1);
    assert_int_equal(ASK(w, &dora, "mailbox.vacation", .key = "plain@own.example"), DONE);
    assert_int_equal(ASK(w, &dora, "mailbox.vacation", .key = "none@own.example"), MISSING);
}

static void a_stale_change_of_it_is_refused(void **state)
{
    struct world *w = *state;
    char etag[64];

    shown(w);
    snprintf(etag, sizeof etag, "%.*s", (int)w->answer.etag.length, w->answer.etag.at);
    assert_int_equal(ASK(w, &user, "me.set-vacation", .body = "{\"subject\": \"a\"}", .if_match = etag), DONE);
    assert_int_equal(ASK(w, &user, "me.set-vacation", .body = "{\"subject\": \"b\"}", .if_match = etag), STALE);
    assert_int_equal(ASK(w, &dora, "mailbox.set-vacation", .key = "plain@own.example", .body = "{\"subject\": \"b\"}",
                         .if_match = etag), STALE);
}

/* Switching on by mistake is taken back whole: row and destination. */
static void it_can_be_undone(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    char id[32];

    w->config.mail.vacation_domain = TEXT("auto.example");
    assert_int_equal(ASK(w, &dora, "mailbox.set-vacation", .key = "plain@own.example", .body = "{" ON "}"), DONE);
    snprintf(id, sizeof id, "%lld", (long long)w->answer.undo);
    assert_int_equal(ASK(w, &dora, "log.undo", .key = id), DONE);
    assert_string_equal(scratch_rows(w->db, t, GOTO), "plain@own.example\n");
    assert_false(shown(w)->active);
    w->config.mail.vacation_domain = TEXT("");
    task_close(t);
}

/* ---- what leads to one's mailbox ---- */

#define ALIAS(address, list) \
    "INSERT INTO alias (address, goto, domain) VALUES ('" address "', '" list "', SUBSTRING_INDEX('" address "', '@', -1));"

static void aliases_that_lead_to_a_mailbox(void **state)
{
    static const struct { const char *before, *aliases; } cases[] = {
        { "", "l-plain@own.example" },
        { "DELETE FROM alias WHERE address LIKE 'l-%'", "" },
        { ALIAS("a@own.example", "x@y.example,l-plain@own.example") ALIAS("b@own.example", "a@own.example"),
          "a@own.example,b@own.example,l-plain@own.example" },
        { ALIAS("@own.example", "plain@own.example"), "@own.example,l-plain@own.example" },
        { ALIAS("a@own.example", "b@own.example,plain@own.example") ALIAS("b@own.example", "a@own.example"),
          "a@own.example,b@own.example,l-plain@own.example" },
        { ALIAS("a@own.example", "xplain@own.example,plain@own.examples"), "l-plain@own.example" },
        { ALIAS("a@other.example", "plain@own.example"), "l-plain@own.example" }, /* of other domains, nothing is said */
        { ALIAS("a@own.example", "plain@own.example") "UPDATE alias SET active = 0 WHERE address = 'a@own.example'",
          "l-plain@own.example" },
        { "UPDATE alias SET answers_until = 1000 WHERE address = 'l-plain@own.example'", "" },
        { "UPDATE alias SET goto = 'plain@own.example,deputy@own.example' WHERE address = 'deputy@own.example'",
          "l-plain@own.example" }, /* another's forward is their affair */
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct leading *found;
        struct text all = TEXT("");

        world_reset(state);
        if (cases[i].before[0])
            scratch_run(w->db, "%s", cases[i].before);
        assert_int_equal(ASK(w, &user, "me.aliases"), DONE);
        found = w->answer.item;
        assert_true(found->complete);
        for (size_t k = 0; k < found->aliases.count; k++)
            all = task_join(w->t, task_join(w->t, all, k ? TEXT(",") : TEXT("")), found->aliases.items[k]);
        assert_text(all, cases[i].aliases);
    }
}

static void more_of_them_than_can_be_shown(void **state)
{
    struct world *w = *state;
    const struct leading *found;

    scratch_run(w->db, "INSERT INTO alias (address, goto, domain) SELECT CONCAT('m', seq, '@own.example'), 'plain@own.example',"
                       " 'own.example' FROM seq_1_to_300");
    assert_int_equal(ASK(w, &user, "me.aliases"), DONE);
    found = w->answer.item;
    assert_int_equal(found->aliases.count, LEADING_MAX);
    assert_false(found->complete);
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(it_is_postfix_admins),
        WORLD_TEST(it_is_off_where_nothing_would_answer),
        WORLD_TEST(it_is_shown_as_it_is),
        WORLD_TEST(a_stale_change_of_it_is_refused),
        WORLD_TEST(it_can_be_undone),
        WORLD_TEST(aliases_that_lead_to_a_mailbox),
        WORLD_TEST(more_of_them_than_can_be_shown),
    };

    return cmocka_run_group_tests_name("vacation", tests, world_open, world_close);
}
