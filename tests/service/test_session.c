/* tests/service/test_session.c - logging in and out, the throttle, how sessions end, and the own password
 *
 * Time passes by moving what the database has written down into the past.
 */
#include "service/world.h"

#include "base/clock.h"
#include "model/password.h"
#include "service/session.h"

#include <stdio.h>
#include <string.h>

#define LOG_IN(name, password) .body = "{\"username\": \"" name "\", \"password\": \"" password "\"}"
#define WHO "SELECT username, account, language, source FROM postreeve_session"

/* Who is refused is counted, so that there is a trace: the throttle is not asked here, but below. */
static const struct {
    const char *what, *before, *body;
    enum outcome outcome;
    const char *sessions;
} logins[] = {
    { "a user", NULL, "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}", DONE,
      "plain@own.example|mailbox|en|192.0.2.1\n" },
    { "an admin", NULL, "{\"username\": \"dora@own.example\", \"password\": \"" PASSWORD "\"}", DONE,
      "dora@own.example|admin|en|192.0.2.1\n" },
    { "in upper case", NULL, "{\"username\": \"PLAIN@Own.Example\", \"password\": \"" PASSWORD "\"}", DONE,
      "plain@own.example|mailbox|en|192.0.2.1\n" },
    { "an IDN as people write it",
      "INSERT INTO domain (domain) VALUES ('xn--r8jz45g.xn--zckzah');"
      "INSERT INTO mailbox (username, password, maildir, local_part, domain)"
      " SELECT 'taro@xn--r8jz45g.xn--zckzah', password, '', 'taro', 'xn--r8jz45g.xn--zckzah' FROM admin LIMIT 1",
      "{\"username\": \"taro@例え.テスト\", \"password\": \"" PASSWORD "\"}", DONE,
      "taro@xn--r8jz45g.xn--zckzah|mailbox|en|192.0.2.1\n" },
    { "a wrong password", NULL, "{\"username\": \"plain@own.example\", \"password\": \"wrong\"}", STRANGER, "" },
    { "an unknown account", NULL, "{\"username\": \"none@own.example\", \"password\": \"" PASSWORD "\"}", STRANGER, "" },
    { "no address at all", NULL, "{\"username\": \"' OR 1=1 -- \", \"password\": \"" PASSWORD "\"}", STRANGER, "" },
    { "the hash as password", "UPDATE mailbox SET password = '$1$Ai2PcZKk$N6xxSL5aP75EaaOdAup0j1'",
      "{\"username\": \"plain@own.example\", \"password\": \"$1$Ai2PcZKk$N6xxSL5aP75EaaOdAup0j1\"}", STRANGER, "" },
    { "an empty hash", "UPDATE mailbox SET password = ''", "{\"username\": \"plain@own.example\", \"password\": \"x\"}",
      STRANGER, "" },
    { "an empty password", NULL, "{\"username\": \"plain@own.example\", \"password\": \"\"}", INVALID, "" },
    { "a mailbox that is switched off", "UPDATE mailbox SET active = 0",
      "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}", STRANGER, "" },
    { "a domain that is switched off", "UPDATE domain SET active = 0",
      "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}", STRANGER, "" },
    { "a mailbox without a domain", "DELETE FROM domain WHERE domain = 'own.example'",
      "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}", STRANGER, "" },
    { "an admin who is switched off", "UPDATE admin SET active = 0",
      "{\"username\": \"dora@own.example\", \"password\": \"" PASSWORD "\"}", STRANGER, "" },
    { "an admin whose domain is switched off", "UPDATE domain SET active = 0",
      "{\"username\": \"dora@own.example\", \"password\": \"" PASSWORD "\"}", DONE,
      "dora@own.example|admin|en|192.0.2.1\n" },
    { "a second factor that is set is not skipped", "UPDATE admin SET totp_secret = 'JBSWY3DPEHPK3PXP'",
      "{\"username\": \"dora@own.example\", \"password\": \"" PASSWORD "\"}", STRANGER, "" },
    { "nor by just any code", "UPDATE mailbox SET totp_secret = 'JBSWY3DPEHPK3PXP'",
      "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\", \"otp\": \"000000\"}", STRANGER, "" },
    { "an admin and a mailbox of one name, one password: the admin", NULL,
      "{\"username\": \"deputy@own.example\", \"password\": \"" PASSWORD "\"}", DONE,
      "deputy@own.example|admin|en|192.0.2.1\n" },
    { "another password: the mailbox", "UPDATE admin SET password = ''",
      "{\"username\": \"deputy@own.example\", \"password\": \"" PASSWORD "\"}", DONE,
      "deputy@own.example|mailbox|en|192.0.2.1\n" },
    { "the other's password", "UPDATE mailbox SET password = ''",
      "{\"username\": \"deputy@own.example\", \"password\": \"" PASSWORD "\"}", DONE,
      "deputy@own.example|admin|en|192.0.2.1\n" },
    { "the admin is switched off: the mailbox", "UPDATE admin SET active = 0",
      "{\"username\": \"deputy@own.example\", \"password\": \"" PASSWORD "\"}", DONE,
      "deputy@own.example|mailbox|en|192.0.2.1\n" },
    { "what Postfix Admin stores for a prefix", "UPDATE mailbox SET password = '{CLEARTEXT}" PASSWORD "'",
      "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}", DONE,
      "plain@own.example|mailbox|en|192.0.2.1\n" },
};

static void who_knows_the_password_comes_in(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(logins); i++) {
        enum outcome o;

        print_message("  %s\n", logins[i].what);
        world_reset(state);
        if (logins[i].before)
            scratch_run(w->db, "%s", logins[i].before);
        o = ASK(w, &nobody, "session.create", .body = logins[i].body);
        assert_int_equal(o, logins[i].outcome);
        assert_int_equal(log_rows(w), o == DONE);
        assert_int_equal(w->answer.session_token.length != 0, o == DONE);
        assert_string_equal(scratch_rows(w->db, w->t, WHO), logins[i].sessions);
    }
}

/* Whether there is such an account must not show in how soon the answer comes. */
static void a_refusal_takes_its_time(void **state)
{
    static const char *const bodies[] = {
        "{\"username\": \"plain@own.example\", \"password\": \"wrong\"}",
        "{\"username\": \"none@own.example\", \"password\": \"wrong\"}",
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(bodies); i++) {
        int64_t began = clock_monotonic_ms();

        assert_int_equal(ASK(w, &nobody, "session.create", .body = bodies[i]), STRANGER);
        assert_true(w->answer.not_before_ms >= began + 300);
        assert_null(w->answer.item);
        assert_null(task_problems(w->t));
    }
}

static void a_session_says_who_is_here(void **state)
{
    struct world *w = *state;
    const struct session *s;

    assert_int_equal(ASK(w, &nobody, "session.create", LOG_IN("dora@own.example", PASSWORD)), DONE);
    s = w->answer.item;
    assert_text(s->role, "domain_admin");
    assert_int_equal(s->domains.count, 3);
    assert_int_equal(s->csrf_token.length, 43);
    assert_false(text_equal(s->csrf_token, w->answer.session_token));
    assert_int_equal(ASK(w, &nobody, "session.create", LOG_IN("super@root.example", PASSWORD)), DONE);
    s = w->answer.item;
    assert_text(s->role, "super_admin");
    assert_int_equal(s->domains.count, 0);
}

static void assert_busy(struct world *w, const char *body, const char *source, enum outcome wanted)
{
    struct actor from = nobody;

    from.source = text_of(source);
    assert_int_equal(ASK(w, &from, "session.create", .body = body), wanted);
    if (wanted == BUSY)
        assert_in_range(w->answer.wait_seconds, 1, w->config.throttle.window_seconds);
}

#define WRONG(n) "{\"username\": \"none" #n "@own.example\", \"password\": \"wrong\"}"
#define RIGHT "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD "\"}"
#define WRONG_FOR_PLAIN "{\"username\": \"Plain@own.example\", \"password\": \"wrong\"}"

/* Each width alone: its limit is 3, the others' far away. */
static const struct {
    const char *what;
    struct throttle_settings most;
    const char *bodies[3], *sources[3]; /* three failures */
    const char *shut, *open; /* where a right log-in is refused, and where it is not */
} throttles[] = {
    { "the account, from wherever", { 3, 99, 99, 99, 900 }, { WRONG_FOR_PLAIN, WRONG_FOR_PLAIN, WRONG_FOR_PLAIN },
      { "192.0.2.1", "198.51.100.1", "2001:db8::1" }, "203.0.113.1", NULL },
    { "the host, whatever the account", { 99, 3, 99, 99, 900 }, { WRONG(1), WRONG(2), WRONG(3) },
      { "192.0.2.1", "192.0.2.1", "192.0.2.1" }, "192.0.2.1", "192.0.2.2" },
    { "its network", { 99, 99, 3, 99, 900 }, { WRONG(1), WRONG(2), WRONG(3) },
      { "192.0.2.1", "192.0.2.2", "192.0.2.255" }, "192.0.2.77", "192.0.3.1" },
    { "its wide network", { 99, 99, 99, 3, 900 }, { WRONG(1), WRONG(2), WRONG(3) },
      { "192.0.2.1", "192.0.77.2", "192.0.255.255" }, "192.0.0.0", "192.1.0.1" },
    { "what is no address", { 99, 4, 4, 3, 900 }, { WRONG(1), WRONG(2), WRONG(3) },
      { "fe80::1%eth0", "fe80::1%eth0", "fe80::1%eth0" }, "fe80::1%eth0", "fe80::2%eth0" },
    { "an IPv6 host, however written", { 99, 3, 99, 99, 900 }, { WRONG(1), WRONG(2), WRONG(3) },
      { "2001:db8::1", "2001:DB8:0:0::1", "2001:0db8:0000::0001" }, "2001:db8::1", "2001:db8::2" },
    { "its /64", { 99, 99, 3, 99, 900 }, { WRONG(1), WRONG(2), WRONG(3) },
      { "2001:db8:0:1::1", "2001:db8:0:1:ffff::", "2001:db8:0:1::3" }, "2001:db8:0:1:8::", "2001:db8:0:2::1" },
    { "its /48", { 99, 99, 99, 3, 900 }, { WRONG(1), WRONG(2), WRONG(3) },
      { "2001:db8:5::1", "2001:db8:5:1::", "2001:db8:5:ffff::3" }, "2001:db8:5:8::", "2001:db8:6::1" },
};

static void too_many_failures_shut_the_door(void **state)
{
    struct world *w = *state;
    struct throttle_settings usual = w->config.throttle;

    for (size_t i = 0; i < COUNT(throttles); i++) {
        print_message("  %s\n", throttles[i].what);
        world_reset(state);
        w->config.throttle = throttles[i].most;
        for (size_t n = 0; n < 3; n++)
            assert_busy(w, throttles[i].bodies[n], throttles[i].sources[n], STRANGER);
        assert_busy(w, RIGHT, throttles[i].shut, BUSY);
        assert_busy(w, RIGHT, throttles[i].shut, BUSY);
        if (throttles[i].open)
            assert_busy(w, RIGHT, throttles[i].open, DONE);
        scratch_run(w->db, "UPDATE postreeve_throttle SET since = since - INTERVAL 800 SECOND");
        assert_busy(w, RIGHT, throttles[i].shut, BUSY);
        scratch_run(w->db, "UPDATE postreeve_throttle SET since = since - INTERVAL 101 SECOND");
        assert_busy(w, RIGHT, throttles[i].shut, DONE);
    }
    w->config.throttle = usual;
}

static void a_success_forgets_the_accounts_failures_and_no_others(void **state)
{
    struct world *w = *state;
    struct throttle_settings usual = w->config.throttle;

    w->config.throttle = (struct throttle_settings){ 3, 99, 99, 99, 900 };
    for (int round = 0; round < 3; round++) {
        assert_busy(w, WRONG_FOR_PLAIN, "192.0.2.1", STRANGER);
        assert_busy(w, WRONG_FOR_PLAIN, "192.0.2.1", STRANGER);
        assert_busy(w, RIGHT, "192.0.2.1", DONE);
    }
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_throttle WHERE bucket LIKE 'account:%%'"), 0);
    assert_int_equal(scratch_number(w->db, "SELECT failures FROM postreeve_throttle WHERE bucket LIKE '%%/32'"), 6);
    w->config.throttle = usual;
}

/* Whatever anybody types is an account that does not exist: never a fault of ours, never a way past the throttle. */
static void any_name_can_be_throttled(void **state)
{
    struct world *w = *state;
    struct throttle_settings usual = w->config.throttle;
    struct task *t = task_open();
    const char *names[] = {
        repeated(t, 'x', 320).at, "no address", "@", "@own.example", "plain@", "", "%", "かいしゃ@例え.テスト",
        task_printf(t, "%s@own.example", repeated(t, 'x', 300).at).at, "\xF0\x9F\xA6\x80", "'\\\\",
    };
    struct text crabs = TEXT("");

    for (int i = 0; i < 320; i++)
        crabs = task_join(t, crabs, TEXT("\xF0\x9F\xA6\x80"));
    names[5] = crabs.at;
    w->config.throttle = (struct throttle_settings){ 2, 999, 999, 999, 900 };
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *body = task_printf(t, "{\"username\": \"%s\", \"password\": \"wrong\"}", names[i]).at;

        print_message("  %.40s\n", names[i]);
        assert_busy(w, body, "192.0.2.1", STRANGER);
        assert_busy(w, body, "192.0.2.1", STRANGER);
        assert_busy(w, body, "192.0.2.1", BUSY);
    }
    w->config.throttle = usual;
    task_close(t);
}

/* The table does not grow for ever. */
static void old_failures_are_swept(void **state)
{
    struct world *w = *state;

    assert_busy(w, WRONG(1), "198.51.100.1", STRANGER);
    scratch_run(w->db, "UPDATE postreeve_throttle SET since = since - INTERVAL 1000 SECOND");
    assert_busy(w, WRONG(2), "192.0.2.1", STRANGER);
    assert_busy(w, RIGHT, "192.0.2.1", DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_throttle WHERE bucket LIKE '%%198.51%%'"), 0);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_throttle"), 4);
}

static void log_in(struct world *w, const char *body, char token[64])
{
    assert_int_equal(ASK(w, &nobody, "session.create", .body = body), DONE);
    snprintf(token, 64, "%.*s", (int)w->answer.session_token.length, w->answer.session_token.at);
}

static enum role role_by(struct world *w, const char *token)
{
    struct task *t = task_open();
    struct actor a = { .role = ROLE_NOBODY };
    enum outcome o = session_identify(&w->service, t, text_of(token), &a);

    task_close(t);
    assert_int_equal(o, DONE);
    return a.role;
}

static const struct {
    const char *what, *change;
    enum role left;
} ends[] = {
    { "nothing", "DO 0", ROLE_USER },
    { "almost idle too long", "UPDATE postreeve_session SET seen = seen - INTERVAL 1700 SECOND", ROLE_USER },
    { "idle too long", "UPDATE postreeve_session SET seen = seen - INTERVAL 1801 SECOND", ROLE_NOBODY },
    { "almost too old", "UPDATE postreeve_session SET created = created - INTERVAL 43100 SECOND", ROLE_USER },
    { "too old, however busy", "UPDATE postreeve_session SET created = created - INTERVAL 43201 SECOND", ROLE_NOBODY },
    { "mailbox switched off", "UPDATE mailbox SET active = 0 WHERE username = 'plain@own.example'", ROLE_NOBODY },
    { "domain switched off", "UPDATE domain SET active = 0 WHERE domain = 'own.example'", ROLE_NOBODY },
    { "mailbox deleted", "DELETE FROM mailbox WHERE username = 'plain@own.example'", ROLE_NOBODY },
    { "session deleted", "DELETE FROM postreeve_session", ROLE_NOBODY },
    { "somebody else switched off", "UPDATE mailbox SET active = 0 WHERE username <> 'plain@own.example'", ROLE_USER },
};

static void a_session_ends_when_it_should(void **state)
{
    struct world *w = *state;
    char token[64];

    for (size_t i = 0; i < COUNT(ends); i++) {
        print_message("  %s\n", ends[i].what);
        world_reset(state);
        log_in(w, RIGHT, token);
        scratch_run(w->db, "%s", ends[i].change);
        assert_int_equal(role_by(w, token), ends[i].left);
        assert_int_equal(role_by(w, token), ends[i].left);
    }
}

/* What an admin is, is looked up each time. */
static void an_admins_session_follows_the_admin(void **state)
{
    struct world *w = *state;
    char token[64];

    log_in(w, "{\"username\": \"dora@own.example\", \"password\": \"" PASSWORD "\"}", token);
    assert_int_equal(role_by(w, token), ROLE_DOMAIN_ADMIN);
    scratch_run(w->db, "UPDATE admin SET superadmin = 1 WHERE username = 'dora@own.example'");
    assert_int_equal(role_by(w, token), ROLE_SUPER_ADMIN);
    scratch_run(w->db, "UPDATE admin SET active = 0 WHERE username = 'dora@own.example'");
    assert_int_equal(role_by(w, token), ROLE_NOBODY);
}

static void only_a_whole_token_opens(void **state)
{
    static const char *const others[] = { "", "x", "0123456789012345678901234567890123456789012" };
    struct world *w = *state;
    char token[64], digest[80];

    log_in(w, RIGHT, token);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(role_by(w, others[i]), ROLE_NOBODY);
    snprintf(digest, sizeof digest, "%s", scratch_row(w->db, w->t, "SELECT digest FROM postreeve_session"));
    assert_int_equal(role_by(w, digest), ROLE_NOBODY); /* what a copy of the database holds */
    assert_int_equal(role_by(w, token), ROLE_USER);
}

static void what_is_used_stays(void **state)
{
    struct world *w = *state;
    char token[64];

    log_in(w, RIGHT, token);
    scratch_run(w->db, "UPDATE postreeve_session SET seen = seen - INTERVAL 1700 SECOND");
    assert_int_equal(role_by(w, token), ROLE_USER);
    assert_int_equal(scratch_number(w->db, "SELECT seen > NOW() - INTERVAL 60 SECOND FROM postreeve_session"), 1);
}

static void logging_out_ends_this_session_alone(void **state)
{
    struct world *w = *state;
    struct actor me = user;
    char first[64], second[64];
    struct task *t = task_open();

    log_in(w, RIGHT, first);
    log_in(w, RIGHT, second);
    assert_int_equal(session_identify(&w->service, t, text_of(first), &me), DONE);
    assert_int_equal(ASK(w, &me, "session.delete"), DONE);
    task_close(t);
    assert_int_equal(role_by(w, first), ROLE_NOBODY);
    assert_int_equal(role_by(w, second), ROLE_USER);
    assert_string_equal(scratch_row(w->db, w->t, "SELECT action, data, domain FROM log ORDER BY id DESC"),
                        "session.delete|plain@own.example|own.example");
}

static void a_log_in_replaces_the_session_that_was_there(void **state)
{
    struct world *w = *state;
    struct actor me = user;
    struct task *t = task_open();
    char first[64];

    log_in(w, RIGHT, first);
    assert_int_equal(session_identify(&w->service, t, text_of(first), &me), DONE);
    assert_int_equal(ASK(w, &me, "session.create", LOG_IN("dora@own.example", PASSWORD)), DONE);
    task_close(t);
    assert_int_equal(role_by(w, first), ROLE_NOBODY);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session"), 1);
}

static void a_new_password_ends_the_other_sessions(void **state)
{
    struct world *w = *state;
    struct actor me = user;
    struct task *t = task_open();
    char first[64], second[64];

    log_in(w, RIGHT, first);
    log_in(w, RIGHT, second);
    assert_int_equal(session_identify(&w->service, t, text_of(first), &me), DONE);
    assert_int_equal(ASK(w, &me, "me.password",
                         .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}"), DONE);
    task_close(t);
    assert_int_equal(role_by(w, first), ROLE_USER);
    assert_int_equal(role_by(w, second), ROLE_NOBODY);
    assert_busy(w, RIGHT, "192.0.2.1", STRANGER);
    log_in(w, "{\"username\": \"plain@own.example\", \"password\": \"another staple 2\"}", second);
}

static const struct {
    const char *what, *body, *problem, *field;
    int failures;
} passwords[] = {
    { "a wrong one now", "{\"current\": \"wrong\", \"new\": \"another staple 2\"}", "wrong_password", "current", 1 },
    { "the same again", "{\"current\": \"" PASSWORD "\", \"new\": \"" PASSWORD "\"}", "same_password", "new", 0 },
    { "too short", "{\"current\": \"" PASSWORD "\", \"new\": \"1234567\"}", "too_short", "new", 0 },
    { "one's own name", "{\"current\": \"" PASSWORD "\", \"new\": \"plain@own.example\"}", "password_too_weak", "new", 0 },
    { "no new one", "{\"current\": \"" PASSWORD "\"}", "required", "new", 0 },
};

static void a_password_that_is_refused_changes_nothing(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(passwords); i++) {
        const struct problem *first;

        print_message("  %s\n", passwords[i].what);
        world_reset(state);
        assert_int_equal(ASK(w, &user, "me.password", .body = passwords[i].body), INVALID);
        first = task_problems(w->t);
        assert_string_equal(first->kind->code, passwords[i].problem);
        assert_text(first->field, passwords[i].field);
        assert_int_equal(log_rows(w), 0);
        assert_int_equal(scratch_number(w->db, "SELECT COUNT(DISTINCT password) FROM mailbox"), 1);
        assert_int_equal(scratch_number(w->db, "SELECT COALESCE(MAX(failures), 0) FROM postreeve_throttle"),
                         passwords[i].failures);
    }
}

/* An open browser is no place to guess either. */
static void guessing_the_own_password_is_throttled(void **state)
{
    struct world *w = *state;
    struct throttle_settings usual = w->config.throttle;

    w->config.throttle = (struct throttle_settings){ 3, 99, 99, 99, 900 };
    for (int i = 0; i < 3; i++)
        assert_int_equal(ASK(w, &user, "me.password", .body = "{\"current\": \"wrong\", \"new\": \"another staple 2\"}"),
                         INVALID);
    assert_int_equal(ASK(w, &user, "me.password",
                         .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}"), BUSY);
    w->config.throttle = usual;
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(who_knows_the_password_comes_in),
        WORLD_TEST(a_refusal_takes_its_time),
        WORLD_TEST(a_session_says_who_is_here),
        WORLD_TEST(too_many_failures_shut_the_door),
        WORLD_TEST(a_success_forgets_the_accounts_failures_and_no_others),
        WORLD_TEST(any_name_can_be_throttled),
        WORLD_TEST(old_failures_are_swept),
        WORLD_TEST(a_session_ends_when_it_should),
        WORLD_TEST(an_admins_session_follows_the_admin),
        WORLD_TEST(only_a_whole_token_opens),
        WORLD_TEST(what_is_used_stays),
        WORLD_TEST(logging_out_ends_this_session_alone),
        WORLD_TEST(a_log_in_replaces_the_session_that_was_there),
        WORLD_TEST(a_new_password_ends_the_other_sessions),
        WORLD_TEST(a_password_that_is_refused_changes_nothing),
        WORLD_TEST(guessing_the_own_password_is_throttled),
    };

    return cmocka_run_group_tests_name("session", tests, world_open, world_close);
}
