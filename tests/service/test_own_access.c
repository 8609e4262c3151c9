/* tests/service/test_own_access.c - sessions, log-ins, passwords of programs and the recovery address of one's own account,
 * and hashes that follow the configured scheme */
#include "service/world.h"

#include "model/own_account.h"
#include "model/password.h"
#include "service/session.h"

#include <stdio.h>
#include <string.h>

#define PLAIN "plain@own.example"
#define RIGHT "{\"username\": \"" PLAIN "\", \"password\": \"" PASSWORD "\"}"
#define WRONG "{\"username\": \"" PLAIN "\", \"password\": \"wrong\"}"
#define NEW_APP(description) "{\"password\": \"" PASSWORD "\", \"description\": \"" description "\"}"

static void log_in_as(struct world *w, const char *agent, struct actor *out, char token[64])
{
    struct actor from = nobody;
    struct task *t = task_open();

    from.user_agent = text_of(agent);
    assert_int_equal(ASK(w, &from, "session.create", .body = RIGHT), DONE);
    snprintf(token, 64, "%.*s", (int)w->answer.session_token.length, w->answer.session_token.at);
    *out = user;
    assert_int_equal(session_identify(&w->service, t, text_of(token), out), DONE);
    out->username = user.username;
    out->session = (struct text){ 0 };
    task_close(t);
}

/* What session_identify() gave has gone with its task. */
static struct actor with_session(struct world *w, const char *token)
{
    struct actor a = user;

    a.session = text_of(scratch_row(w->db, w->kept, "SELECT SHA2('%s', 256)", token));
    return a;
}

static void sessions_are_listed_and_ended(void **state)
{
    struct world *w = *state;
    struct actor first, second;
    const struct own_session *s;
    char one[64], two[64];
    int64_t other;
    char key[32];

    world_with_key(w);
    log_in_as(w, "Firefox", &first, one);
    log_in_as(w, "\xFF\xFE", &second, two);
    scratch_run(w->db, "INSERT INTO postreeve_session (digest, username, account, created, seen) VALUES"
                       " ('a', 'plain@other.example', 'mailbox', NOW(), NOW()), ('b', '" PLAIN "', 'admin', NOW(), NOW()),"
                       " ('c', '" PLAIN "', 'mailbox', NOW() - INTERVAL 1 DAY, NOW() - INTERVAL 1 DAY)");
    second = with_session(w, two);
    assert_int_equal(ASK(w, &second, "me.sessions"), DONE);
    assert_int_equal(w->answer.list.rows.count, 2);
    s = w->answer.list.rows.items;
    assert_true(s[0].current && !s[1].current);
    assert_text(s[0].user_agent, "");
    assert_text(s[1].user_agent, "Firefox");
    assert_text(s[1].source, "192.0.2.1");
    other = s[1].id;
    snprintf(key, sizeof key, "%lld", (long long)scratch_number(w->db, "SELECT id FROM postreeve_session WHERE digest = 'a'"));
    assert_int_equal(ASK(w, &second, "me.end-session", .key = key), MISSING);
    snprintf(key, sizeof key, "%lld", (long long)scratch_number(w->db, "SELECT id FROM postreeve_session WHERE digest = 'b'"));
    assert_int_equal(ASK(w, &second, "me.end-session", .key = key), MISSING);
    snprintf(key, sizeof key, "%lld", (long long)other);
    assert_int_equal(ASK(w, &second, "me.end-session", .key = key), DONE);
    log_in_as(w, "Firefox", &first, one);
    assert_int_equal(ASK(w, &second, "me.end-other-sessions"), DONE);
    assert_int_equal(ASK(w, &second, "me.sessions"), DONE);
    assert_int_equal(w->answer.list.rows.count, 1);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session WHERE digest IN ('a', 'b')"), 2);
}

static void log_ins_are_noted(void **state)
{
    struct world *w = *state;
    const struct log_in *l;

    assert_int_equal(ASK(w, &nobody, "session.create", .body = WRONG), STRANGER);
    assert_int_equal(ASK(w, &nobody, "session.create", .body = RIGHT), DONE);
    assert_int_equal(ASK(w, &nobody, "session.create", .body = "{\"username\": \"none@own.example\", \"password\": \"x\"}"),
                     STRANGER);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_log_in"), 2);
    assert_int_equal(ASK(w, &user, "me.log-ins"), DONE);
    assert_int_equal(w->answer.list.rows.count, 2);
    l = w->answer.list.rows.items;
    assert_true(l[0].success && !l[1].success);
    assert_text(l[1].source, "192.0.2.1");
    assert_int_equal(ASK(w, &dora, "me.log-ins"), DONE);
    assert_int_equal(w->answer.list.rows.count, 0);
}

/* However many there are, and however old. */
static void log_ins_are_bounded(void **state)
{
    struct world *w = *state;

    scratch_run(w->db, "INSERT INTO postreeve_log_in (account, username, at, success)"
                       " SELECT 'mailbox', '" PLAIN "', NOW(), 0 FROM seq_1_to_80;"
                       "INSERT INTO postreeve_log_in (account, username, at, success)"
                       " VALUES ('mailbox', 'plain@other.example', NOW() - INTERVAL 91 DAY, 0)");
    assert_int_equal(ASK(w, &nobody, "session.create", .body = WRONG), STRANGER);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_log_in"), 50);
    assert_int_equal(ASK(w, &user, "me.log-ins"), DONE);
    assert_int_equal(w->answer.list.rows.count, 50);
}

/* ---- at the mail daemons ---- */

#define REPORTED(login, remote, protocol, app, success)                                                          \
    "{\"login\": \"" login "\", \"remote\": \"" remote "\", \"protocol\": \"" protocol "\", \"app_password\": \"" app \
    "\", \"success\": " success ", \"policy_reject\": false, \"tls\": true}"
#define LOG_INS "SELECT GROUP_CONCAT(CONCAT_WS(' ', username, protocol, source, app_password, success) ORDER BY id) FROM postreeve_log_in"

static enum outcome reported(struct world *w, const char *body)
{
    return ASK(w, &super, "log-in.report", .body = body);
}

static void what_a_mail_daemon_reports_is_in_the_owners_list(void **state)
{
    struct world *w = *state;
    const struct log_in *l;

    scratch_run(w->db, "INSERT INTO mailbox_app_password (id, username, description, password_hash) VALUES"
                       " (7, '" PLAIN "', 'telephone', 'x'), (8, 'plain@other.example', 'x', 'x')");
    assert_int_equal(reported(w, REPORTED("Plain@OWN.example", "192.0.2.7", "imap", "7", "true")), DONE);
    assert_int_equal(reported(w, REPORTED(PLAIN, "2001:DB8:0::1", "SMTP", "", "false")), DONE);
    assert_int_equal(ASK(w, &user, "me.log-ins"), DONE);
    assert_int_equal(w->answer.list.rows.count, 2);
    l = w->answer.list.rows.items;
    assert_text(l[0].protocol, "smtp");
    assert_text(l[0].source, "2001:db8::1");
    assert_text(l[0].program, "");
    assert_text(l[1].program, "telephone");
    assert_true(!l[0].success && l[1].success);
    assert_string_equal(scratch_row(w->db, w->t, "SELECT last_source, last_used > NOW() - INTERVAL 1 MINUTE"
                                                 " FROM mailbox_app_password WHERE id = 7"), "192.0.2.7|1");
    /* another's is not touched, and what is no mailbox leaves nothing behind */
    assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.8", "imap", "8", "true")), DONE);
    assert_int_equal(reported(w, REPORTED("none@own.example", "192.0.2.8", "imap", "8", "true")), DONE);
    assert_int_equal(reported(w, REPORTED("root", "", "imap", "", "true")), DONE);
    assert_int_equal(reported(w, REPORTED("dora@own.example", "", "imap", "", "true")), DONE); /* an admin reads no mail */
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM mailbox_app_password WHERE last_used IS NOT NULL"), 1);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_log_in"), 3);
    assert_int_equal(log_rows(w), 0);
}

/* A telephone that asks each minute writes once in five, from each place, by each password. */
static void the_same_is_news_once_in_a_while(void **state)
{
    struct world *w = *state;

    scratch_run(w->db, "INSERT INTO mailbox_app_password (id, username, description, password_hash) VALUES"
                       " (7, '" PLAIN "', 'telephone', 'x')");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.7", "imap", "7", "true")), DONE);
        assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.7", "imap", "", "true")), DONE);
        assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.7", "smtp", "", "true")), DONE);
        assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.9", "smtp", "", "true")), DONE);
        assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.9", "smtp", "", "false")), DONE);
    }
    assert_string_equal(scratch_row(w->db, w->t, LOG_INS),
                        PLAIN " imap 192.0.2.7 7 1," PLAIN " imap 192.0.2.7 0 1," PLAIN " smtp 192.0.2.7 0 1," PLAIN
                              " smtp 192.0.2.9 0 1," PLAIN " smtp 192.0.2.9 0 0");
    scratch_run(w->db, "UPDATE mailbox_app_password SET last_used = NULL");
    assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.7", "imap", "7", "true")), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM mailbox_app_password WHERE last_used IS NOT NULL"), 0);
    scratch_run(w->db, "UPDATE postreeve_log_in SET at = at - INTERVAL 301 SECOND");
    assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.7", "imap", "7", "true")), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM mailbox_app_password WHERE last_used IS NOT NULL"), 1);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_log_in"), 6);
}

/* Somebody tries one account from everywhere: the table does not grow, and who came in before stays in the list. */
static void guesses_push_nobody_out(void **state)
{
    struct world *w = *state;

    assert_int_equal(reported(w, REPORTED(PLAIN, "192.0.2.7", "imap", "", "true")), DONE);
    for (int i = 0; i < 30; i++)
        assert_int_equal(reported(w, task_printf(w->kept, REPORTED(PLAIN, "198.51.100.%d", "imap", "", "false"), i).at), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_log_in"), 11);
    scratch_run(w->db, "INSERT INTO postreeve_log_in (account, username, at, success)"
                       " SELECT 'mailbox', '" PLAIN "', NOW() - INTERVAL 1 HOUR, 0 FROM seq_1_to_80;"
                       "UPDATE postreeve_log_in SET at = NOW() - INTERVAL 1 HOUR");
    assert_int_equal(reported(w, REPORTED(PLAIN, "198.51.100.1", "imap", "", "false")), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT SUM(success = 0) FROM postreeve_log_in"), 50);
    assert_int_equal(ASK(w, &user, "me.log-ins"), DONE);
    assert_int_equal(w->answer.list.rows.count, 51);
    assert_true(((const struct log_in *)w->answer.list.rows.items)[50].success);
}

static void a_report_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        REPORTED(PLAIN, "192.0.2.7.8", "imap", "", "true"), REPORTED(PLAIN, "192.0.2.0/24", "imap", "", "true"),
        REPORTED(PLAIN, "192.0.2.7", "", "", "true"),       REPORTED(PLAIN, "192.0.2.7", "im ap", "", "true"),
        REPORTED(PLAIN, "192.0.2.7", "imap", "-1", "true"), REPORTED(PLAIN, "192.0.2.7", "imap", "x", "true"),
        REPORTED(PLAIN, "192.0.2.7", "imap", "", "1"),
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        print_message("  %s\n", bad[i]);
        assert_int_equal(reported(*state, bad[i]), INVALID);
    }
    assert_int_equal(scratch_number(((struct world *)*state)->db, "SELECT COUNT(*) FROM postreeve_log_in"), 0);
}

static void a_programs_password_is_shown_once_and_kept_as_hash(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    const struct app_password *a;
    char clear[64];
    const char *hash;

    assert_int_equal(ASK(w, &user, "me.create-app-password", .body = NEW_APP("telephone")), DONE);
    a = w->answer.item;
    assert_int_equal(a->app_password.length, 24);
    assert_text(a->description, "telephone");
    assert_true(a->created.known && !a->last_used.known);
    snprintf(clear, sizeof clear, "%.*s", (int)a->app_password.length, a->app_password.at);
    hash = scratch_row(w->db, t, "SELECT password_hash FROM mailbox_app_password WHERE username = '" PLAIN "'");
    assert_true(password_matches(text_of(clear), text_of(hash)) && password_is_of(SCHEME_MD5CRYPT, text_of(hash)));
    assert_int_equal(scratch_number(w->db, "SELECT selector = LEFT(SHA2('%s', 256), 2) FROM mailbox_app_password", clear), 1);
    assert_string_equal(world_places_with(w, t, clear, NULL), "");
    assert_int_equal(ASK(w, &user, "me.app-passwords"), DONE);
    a = w->answer.list.rows.items;
    assert_null(a[0].app_password.at);
    /* it is no password of the account */
    assert_int_equal(ASK(w, &nobody, "session.create",
                         .body = task_printf(t, "{\"username\": \"" PLAIN "\", \"password\": \"%s\"}", clear).at), STRANGER);
    task_close(t);
}

static void passwords_of_programs_are_bounded(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < APP_PASSWORDS_MAX; i++)
        assert_int_equal(ASK(w, &user, "me.create-app-password", .body = NEW_APP("x")), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(DISTINCT selector) FROM mailbox_app_password"), APP_PASSWORDS_MAX);
    assert_int_equal(ASK(w, &user, "me.create-app-password", .body = NEW_APP("x")), CONFLICT);
    assert_string_equal(task_problems(w->t)->kind->code, "too_many");
}

#define APP_ROWS                                                                                   \
    "INSERT INTO mailbox_app_password (id, username, description, password_hash) VALUES"           \
    " (1, 'plain@own.example', 'x', 'h'), (2, 'plain@other.example', 'x', 'h'), (3, 'chief@own.example', 'x', 'h')"
#define LEFT "SELECT GROUP_CONCAT(id ORDER BY id) FROM mailbox_app_password"

static const struct play apps[] = {
    { "one's own", APP_ROWS, { &user, "me.delete-app-password", .key = "1" }, DONE, NULL, NULL, LEFT, "2,3\n" },
    { "another's", APP_ROWS, { &user, "me.delete-app-password", .key = "2" }, MISSING, NULL, NULL, LEFT, "1,2,3\n" },
    { "none", NULL, { &user, "me.delete-app-password", .key = "9" }, MISSING, NULL, NULL, NULL, NULL },
    { "in a domain of theirs", APP_ROWS, { &dora, "app-password.delete", .key = "1" }, DONE, NULL, NULL, LEFT, "2,3\n" },
    { "in another's", APP_ROWS, { &dora, "app-password.delete", .key = "2" }, DENIED, NULL, NULL, LEFT, "1,2,3\n" },
    { "of who outranks them", APP_ROWS, { &dora, "app-password.delete", .key = "3" }, DENIED, NULL, NULL, LEFT, "1,2,3\n" },
    { "a super admin, anybody's", APP_ROWS, { &super, "app-password.delete", .key = "3" }, DONE, NULL, NULL, LEFT, "1,2\n" },
    { "the own password is wrong", NULL,
      { &user, "me.create-app-password", .body = "{\"password\": \"wrong\", \"description\": \"x\"}" }, INVALID,
      "wrong_password", "password", "SELECT MAX(failures) FROM postreeve_throttle", "1\n" },
    { "nothing says what it is for", NULL,
      { &user, "me.create-app-password", .body = "{\"password\": \"" PASSWORD "\", \"description\": \"\"}" }, INVALID,
      "required", "description", NULL, NULL },
    { "a recovery address", NULL,
      { &user, "me.set-recovery-address",
        .body = "{\"password\": \"" PASSWORD "\", \"recovery_address\": \"Me@Elsewhere.example\"}" },
      DONE, NULL, NULL, "SELECT email_other FROM mailbox WHERE username = 'plain@own.example'", "me@elsewhere.example\n" },
    { "an admin's", NULL,
      { &dora, "me.set-recovery-address",
        .body = "{\"password\": \"" PASSWORD "\", \"recovery_address\": \"me@elsewhere.example\"}" },
      DONE, NULL, NULL, "SELECT email_other FROM admin WHERE username = 'dora@own.example'", "me@elsewhere.example\n" },
    { "without the password", NULL,
      { &user, "me.set-recovery-address", .body = "{\"password\": \"wrong\", \"recovery_address\": \"a@b.example\"}" },
      INVALID, "wrong_password", "password", "SELECT email_other FROM mailbox WHERE username = 'plain@own.example'", "\n" },
    { "its own address", NULL,
      { &user, "me.set-recovery-address",
        .body = "{\"password\": \"" PASSWORD "\", \"recovery_address\": \"plain@own.example\"}" },
      INVALID, "self_destination", "recovery_address", NULL, NULL },
};

static void what_one_may_do_to_them(void **state)
{
    for (size_t i = 0; i < COUNT(apps); i++) {
        struct world *w = *state;

        scratch_run(w->db, "DELETE FROM mailbox_app_password; DELETE FROM postreeve_throttle");
        if (apps[i].problem && strcmp(apps[i].problem, "wrong_password") == 0) { /* leaves its count, and nothing else */
            world_reset(state);
            assert_int_equal(world_ask(w, &apps[i].ask), INVALID);
            assert_string_equal(task_problems(w->t)->kind->code, apps[i].problem);
            assert_string_equal(scratch_rows(w->db, w->t, apps[i].query), apps[i].rows);
            assert_int_equal(log_rows(w), 0);
            continue;
        }
        world_play(w, &apps[i], 1);
    }
}

static void lists_show_what_is_theirs(void **state)
{
    struct world *w = *state;

    scratch_run(w->db, APP_ROWS);
    assert_int_equal(ASK(w, &dora, "app-password.list", .page = { .limit = 10 }), DONE);
    assert_int_equal(w->answer.list.rows.count, 1);
    assert_int_equal(ASK(w, &super, "app-password.list", .page = { .limit = 10 }), DONE);
    assert_int_equal(w->answer.list.rows.count, 3);
}

#define HASHED "SELECT password LIKE '{CLEARTEXT}%%', password LIKE '$6$%%', modified = '2000-01-01 00:00:00' FROM mailbox" \
               " WHERE username = '" PLAIN "'"

static void a_hash_follows_the_scheme(void **state)
{
    struct world *w = *state;

    scratch_run(w->db, "UPDATE mailbox SET modified = '2000-01-01 00:00:00', password = '{CLEARTEXT}" PASSWORD "'");
    w->service.scheme = SCHEME_SHA512CRYPT;
    assert_int_equal(ASK(w, &nobody, "session.create", .body = RIGHT), DONE);
    assert_string_equal(scratch_row(w->db, w->t, HASHED), "1|0|1"); /* not asked for */
    w->config.password.upgrade_on_login = true;
    assert_int_equal(ASK(w, &nobody, "session.create", .body = WRONG), STRANGER);
    assert_string_equal(scratch_row(w->db, w->t, HASHED), "1|0|1");
    assert_int_equal(ASK(w, &nobody, "session.create", .body = RIGHT), DONE);
    assert_string_equal(scratch_row(w->db, w->t, HASHED), "0|1|1");
    assert_int_equal(ASK(w, &nobody, "session.create", .body = RIGHT), DONE);
    scratch_run(w->db, "UPDATE admin SET password = '{PLAIN}" PASSWORD "'");
    assert_int_equal(ASK(w, &nobody, "session.create",
                         .body = "{\"username\": \"dora@own.example\", \"password\": \"" PASSWORD "\"}"), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM admin WHERE password LIKE '$6$%%'"), 1);
    /* whoever is frozen stays so */
    scratch_run(w->db, "UPDATE mailbox SET password = '{LOCKED}{PLAIN}" PASSWORD "' WHERE username = '" PLAIN "'");
    assert_int_equal(ASK(w, &nobody, "session.create", .body = RIGHT), STRANGER);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM mailbox WHERE password LIKE '{LOCKED}{PLAIN}%%'"), 1);
    w->config.password.upgrade_on_login = false;
    w->service.scheme = SCHEME_MD5CRYPT;
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(sessions_are_listed_and_ended),
        WORLD_TEST(log_ins_are_noted),
        WORLD_TEST(log_ins_are_bounded),
        WORLD_TEST(what_a_mail_daemon_reports_is_in_the_owners_list),
        WORLD_TEST(the_same_is_news_once_in_a_while),
        WORLD_TEST(guesses_push_nobody_out),
        WORLD_TEST(a_report_that_is_none_is_refused),
        WORLD_TEST(a_programs_password_is_shown_once_and_kept_as_hash),
        WORLD_TEST(passwords_of_programs_are_bounded),
        WORLD_TEST(what_one_may_do_to_them),
        WORLD_TEST(lists_show_what_is_theirs),
        WORLD_TEST(a_hash_follows_the_scheme),
    };

    return cmocka_run_group_tests_name("own access", tests, world_open, world_close);
}
