/* tests/service/test_expiry.c - passwords that get too old: from when on, and what may be done then */
#include "service/world.h"

#include "service/session.h"

#include <string.h>

#define FINE DONE, NULL, NULL, NULL, NULL
#define DAYS(days) "UPDATE domain SET password_expiry = " days " WHERE domain = 'own.example';"
#define ENDED(when) "UPDATE mailbox SET password_expiry = " when ";"
#define PAST "NOW() - INTERVAL 1 DAY"
/* In whole days from now; the column's own default is long ago. */
#define LEFT_OF(address) \
    "SELECT IF(password_expiry > NOW(), CEIL(TIMESTAMPDIFF(SECOND, NOW(), password_expiry) / 86400), 'over')" \
    " FROM mailbox WHERE username = '" address "'"
#define NEW "{\"address\": \"new@own.example\", \"password\": \"another staple 2\"}"
#define UPDATE(body_) { &dora, "mailbox.update", .key = "plain@own.example", .body = body_ }
#define DOMAIN(body_) { &super, "domain.update", .key = "own.example", .body = body_ }

static const struct play dates[] = {
    { "a new mailbox", DAYS("90"), { &dora, "mailbox.create", .body = NEW }, DONE, NULL, NULL, LEFT_OF("new@own.example"),
      "90\n" },
    { "a new mailbox whose password is for ever", NULL, { &dora, "mailbox.create", .body = NEW }, DONE, NULL, NULL,
      LEFT_OF("new@own.example"), "over\n" },
    { "another's password", DAYS("90") ENDED(PAST), UPDATE("{\"password\": \"another staple 2\"}"), DONE, NULL, NULL,
      LEFT_OF("plain@own.example"), "90\n" },
    { "any other change", DAYS("90") ENDED("NOW() + INTERVAL 5 DAY"), UPDATE("{\"display_name\": \"x\"}"), DONE, NULL, NULL,
      LEFT_OF("plain@own.example"), "5\n" },
    { "freezing", DAYS("90") ENDED("NOW() + INTERVAL 5 DAY"), { &dora, "mailbox.freeze", .key = "plain@own.example" }, DONE,
      NULL, NULL, LEFT_OF("plain@own.example"), "5\n" },
    { "another's password while it is frozen", DAYS("90") "UPDATE mailbox SET password = CONCAT('{LOCKED}', password)",
      UPDATE("{\"password\": \"another staple 2\"}"), DONE, NULL, NULL, LEFT_OF("plain@own.example"), "90\n" },
    { "one's own", DAYS("90") ENDED(PAST),
      { &user, "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}" }, DONE, NULL, NULL,
      LEFT_OF("plain@own.example"), "90\n" },
    { "one's own, for ever", ENDED("'2020-01-01'"),
      { &user, "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}" }, DONE, NULL, NULL,
      "SELECT password_expiry FROM mailbox WHERE username = 'plain@own.example'", "2020-01-01 00:00:00\n" },
    { "an end for all, which is nobody's at once", ENDED(PAST), DOMAIN("{\"password_expiry_days\": 30}"), DONE, NULL, NULL,
      LEFT_OF("plain@own.example"), "30\n" },
    { "an end for all, and who had one keeps it", ENDED("NOW() + INTERVAL 5 DAY"), DOMAIN("{\"password_expiry_days\": 30}"),
      DONE, NULL, NULL, LEFT_OF("plain@own.example"), "5\n" },
    { "an end for all, and not for other domains", ENDED(PAST), DOMAIN("{\"password_expiry_days\": 30}"), DONE, NULL, NULL,
      LEFT_OF("plain@other.example"), "over\n" },
    { "other days change nobody's", DAYS("90") ENDED(PAST), DOMAIN("{\"password_expiry_days\": 30}"), DONE, NULL, NULL,
      LEFT_OF("plain@own.example"), "over\n" },
    { "any other change of the domain", DAYS("90") ENDED(PAST), DOMAIN("{\"description\": \"x\"}"), DONE, NULL, NULL,
      LEFT_OF("plain@own.example"), "over\n" },
    { "no end any more", DAYS("90") ENDED(PAST), DOMAIN("{\"password_expiry_days\": 0}"), DONE, NULL, NULL,
      "SELECT password_expiry FROM domain WHERE domain = 'own.example'", "0\n" },
    { "too many days", NULL, DOMAIN("{\"password_expiry_days\": 3651}"), INVALID, "too_large", "password_expiry_days", NULL,
      NULL },
    { "into a domain where they end", "UPDATE domain SET password_expiry = 90 WHERE domain = 'own-fresh.example';" ENDED(PAST),
      { &dora, "mailbox.rename", .key = "plain@own.example", .body = "{\"address\": \"plain@own-fresh.example\"}" }, DONE,
      NULL, NULL, LEFT_OF("plain@own-fresh.example"), "90\n" },
    { "another name makes no password younger", DAYS("90") ENDED(PAST),
      { &dora, "mailbox.rename", .key = "plain@own.example", .body = "{\"local_part\": \"new\"}" }, DONE, NULL, NULL,
      LEFT_OF("new@own.example"), "over\n" },
};

static void passwords_end_in_time(void **state)
{
    world_play(*state, dates, COUNT(dates));
}

static bool shown_end(struct world *w, struct moment *out)
{
    assert_int_equal(ASK(w, &dora, "mailbox.show", .key = "plain@own.example"), DONE);
    *out = ((const struct mailbox *)w->answer.item)->password_expires;
    return out->known;
}

static void the_end_is_shown_where_there_is_one(void **state)
{
    struct world *w = *state;
    struct moment end;

    scratch_run(w->db, ENDED("FROM_UNIXTIME(1800000000)"));
    assert_false(shown_end(w, &end));
    scratch_run(w->db, DAYS("90"));
    assert_true(shown_end(w, &end));
    assert_int_equal(end.unix_seconds, 1800000000);
    scratch_run(w->db, "UPDATE domain SET password_expiry = NULL"); /* as older databases have it */
    assert_false(shown_end(w, &end));
}

#define LOG_IN "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}"

/* The actor behind the session that log-in made; its texts are the task's. */
static struct actor come_in(struct world *w, struct task *t)
{
    struct actor actor = user;
    struct text token;

    assert_int_equal(ASK(w, &nobody, "session.create", .body = LOG_IN), DONE);
    token = task_copy(t, w->answer.session_token);
    actor.role = ROLE_NOBODY;
    assert_int_equal(session_identify(&w->service, t, token, &actor), DONE);
    store_return(w->service.store, t);
    actor.token = token;
    assert_int_equal(actor.role, ROLE_USER);
    return actor;
}

static bool says_expired(struct world *w)
{
    return ((const struct session *)w->answer.item)->password_expired;
}

static void who_comes_too_late_can_renew_and_little_else(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    struct actor late;

    scratch_run(w->db, DAYS("90") ENDED(PAST));
    late = come_in(w, t);
    assert_true(late.password_expired);
    assert_true(says_expired(w));
    assert_int_equal(ASK(w, &late, "session.show"), DONE);
    assert_true(says_expired(w));
    assert_int_equal(ASK(w, &late, "me.show"), DONE);
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->name; v++) {
            struct target own = { 0 };
            struct request in = { .key = TEXT("plain@own.example") };
            struct answer out = { 0 };

            if (permitted_to_expired(v->may) || !permitted(v->may, ROLE_USER, &own))
                continue;
            print_message("  %s\n", v->name);
            task_forget_problems(t);
            assert_int_equal(transact(&w->service, t, v, &late, &in, &out), DENIED);
            assert_string_equal(task_problems(t)->kind->code, "password_expired");
        }
    assert_int_equal(ASK(w, &late, "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}"),
                     DONE);
    assert_int_equal(session_identify(&w->service, t, late.token, &late), DONE); /* the same session, from now on */
    store_return(w->service.store, t);
    assert_false(late.password_expired);
    assert_int_equal(ASK(w, &late, "me.forward"), DONE);
    task_close(t);
}

static void nobody_else_is_late(void **state)
{
    static const char *const before[] = { ENDED(PAST), DAYS("90") ENDED("NOW() + INTERVAL 1 DAY"), DAYS("NULL") ENDED(PAST) };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(before); i++) {
        struct task *t = task_open();

        scratch_run(w->db, "%s", before[i]);
        assert_false(come_in(w, t).password_expired);
        assert_false(says_expired(w));
        task_close(t);
    }
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(passwords_end_in_time),
        WORLD_TEST(the_end_is_shown_where_there_is_one),
        WORLD_TEST(who_comes_too_late_can_renew_and_little_else),
        WORLD_TEST(nobody_else_is_late),
    };

    return cmocka_run_group_tests_name("expiry", tests, world_open, world_close);
}
