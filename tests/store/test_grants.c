/* tests/store/test_grants.c - what the two accounts of sql/grants.sql can do, and what they cannot */
#include "store/scratch.h"

#include <stdio.h>

static int open_database(void **state)
{
    struct scratch *s = scratch_migrated();

    /* Accounts belong to the whole server: other programs beside this one make the same, without passwords. */
    scratch_run(s, "CREATE USER IF NOT EXISTS postreeve@localhost, postfix@localhost");
    scratch_run_file(s, POSTREEVE_SOURCE "/sql/grants.sql");
    scratch_run(s, "INSERT INTO domain (domain) VALUES ('a.example');"
                   "INSERT INTO mailbox (username, password, maildir, local_part, domain, token, totp_secret)"
                   " VALUES ('taro@a.example', 'hash', 'a.example/taro/', 'taro', 'a.example', 'token', 'totp')");
    *state = s;
    return 0;
}

static int drop_database(void **state)
{
    scratch_run(*state, "REVOKE ALL ON * FROM postreeve@localhost");
    scratch_close(*state);
    return 0;
}

static MYSQL *come_in_as(const struct scratch *s, const char *account)
{
    MYSQL *m = mysql_init(NULL);

    if (!mysql_real_connect(m, NULL, account, NULL, s->name, 0, s->socket, 0))
        fail_msg("%s: %s", account, mysql_error(m));
    return m;
}

static bool is_allowed(MYSQL *m, const char *sql)
{
    if (mysql_query(m, sql) != 0)
        return false;
    mysql_free_result(mysql_store_result(m));
    return true;
}

static const struct {
    bool postfix, postreeve;
    const char *sql;
} questions[] = {
    /* what look-ups ask */
    { true, true, "SELECT domain, transport, backupmx FROM domain WHERE active = 1" },
    { true, true, "SELECT username, password, maildir, quota, domain FROM mailbox WHERE active = 1 AND smtp_active = 1" },
    { true, true, "SELECT goto FROM alias WHERE address = 'x' AND active = 1 AND answers_until > UNIX_TIMESTAMP()" },
    { true, true, "SELECT 1 FROM mailbox m JOIN domain d USING (domain) WHERE d.password_expiry > 0"
                  " AND m.password_expiry <= NOW()" },
    { true, true, "SELECT target_domain FROM alias_domain WHERE alias_domain = 'x' AND active = 1" },
    { true, true, "SELECT transport FROM postreeve_transport WHERE destination = 'x' AND active = 1" },
    { true, true, "SELECT action, reply FROM postreeve_sender_access WHERE sender = 'x' AND active = 1" },
    { true, true, "SELECT login FROM postreeve_sender_login WHERE sender = 'x' AND active = 1" },
    { true, true, "SELECT second_factor FROM mailbox" },
    { true, true, "SELECT id, password_hash FROM mailbox_app_password WHERE username = 'x' AND selector = 'ab'" },
    { true, true, "SELECT name, username, password FROM postreeve_relay" }, /* sealed */
    { true, true, "SELECT bytes, messages FROM quota2" },
    { true, true, "INSERT INTO quota2 (username, bytes) VALUES ('x', 1) ON DUPLICATE KEY UPDATE bytes = 2" },
    { true, true, "DELETE FROM quota2 WHERE username = 'x'" },
    /* what is nobody's business */
    { false, true, "SELECT * FROM mailbox" },
    { false, true, "SELECT token FROM mailbox" },
    { false, true, "SELECT totp_secret FROM mailbox" },
    { false, true, "SELECT email_other FROM mailbox" },
    { false, true, "SELECT 1 FROM mailbox WHERE token LIKE 'a%'" },
    { false, true, "SELECT * FROM alias" },
    { false, true, "SELECT description FROM domain" },
    { false, true, "SELECT username FROM admin" },
    { false, true, "SELECT 1 FROM domain_admins" },
    { false, true, "SELECT 1 FROM postreeve_session" },
    { false, true, "SELECT 1 FROM postreeve_throttle" },
    { false, true, "SELECT 1 FROM postreeve_migration" },
    { false, true, "SELECT description FROM postreeve_transport" },
    { false, true, "SELECT description FROM postreeve_relay" },
    { false, true, "SELECT src_password FROM fetchmail" },
    { false, true, "SELECT 1 FROM log" },
    { false, true, "SELECT description FROM mailbox_app_password" },
    { false, true, "SELECT 1 FROM totp_exception_address" },
    { false, true, "SELECT 1 FROM fetchmail" },
    { true, true, "SELECT subject, body, interval_time FROM vacation WHERE email = 'x' AND active = 1 AND activeuntil > NOW()" },
    { true, true, "UPDATE vacation_notification n JOIN vacation v ON v.email = n.on_vacation SET n.notified_at = NOW(),"
                  " n.letter = 'x', n.stage = 0 WHERE n.notified = 'x' AND v.interval_time = 1" },
    { true, true, "INSERT INTO vacation_notification (on_vacation, notified, notified_at, letter, stage)"
                  " SELECT email, 'x', NOW(), 'x', 0 FROM vacation WHERE email = 'none'" },
    { false, true, "SELECT domain FROM vacation" },
    { false, true, "UPDATE vacation SET active = 0 WHERE email = 'none'" },
    { false, true, "UPDATE vacation_notification SET notified = 'x' WHERE on_vacation = 'none'" },
    { false, true, "DELETE FROM vacation_notification WHERE on_vacation = 'none'" },
    { false, true, "SELECT 1 FROM dkim" },
    { false, true, "SELECT 1 FROM config" },
    /* writing */
    { false, true, "UPDATE mailbox SET active = 1 WHERE username = 'none'" },
    { false, true, "UPDATE alias SET goto = 'x' WHERE address = 'none'" },
    { false, true, "UPDATE domain SET active = 1 WHERE domain = 'none'" },
    { false, true, "DELETE FROM mailbox WHERE username = 'none'" },
    { false, true, "INSERT INTO log (username, domain, action, data) VALUES ('x', 'x', 'x', 'x')" },
    /* tables are the operator's */
    { false, false, "CREATE TABLE mine (id int)" },
    { false, false, "DROP TABLE log" },
    { false, false, "TRUNCATE TABLE log" },
    { false, false, "ALTER TABLE log ADD COLUMN mine int" },
    { false, false, "CREATE INDEX mine ON log (via)" },
    { false, false, "CREATE VIEW mine AS SELECT 1" },
    { false, false, "CREATE TRIGGER mine BEFORE INSERT ON log FOR EACH ROW SET NEW.via = 'x'" },
    { false, false, "LOCK TABLES mailbox READ" },
    { false, false, "CREATE DATABASE pr_test_mine" },
    { false, false, "CREATE USER mine@localhost" },
    { false, false, "GRANT SELECT ON * TO postfix@localhost" },
    { false, false, "SELECT User FROM mysql.user" },
    { false, false, "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/pr-test-mine'" },
};

static void ask_all_as(void **state, const char *account, bool is_postfix)
{
    MYSQL *m = come_in_as(*state, account);

    for (size_t i = 0; i < COUNT(questions); i++) {
        bool expected = is_postfix ? questions[i].postfix : questions[i].postreeve;

        if (is_allowed(m, questions[i].sql) != expected)
            fail_msg("%s %s: %s", account, expected ? "may not" : "may", questions[i].sql);
    }
    mysql_close(m);
}

static void the_mail_daemons_read_what_they_ask_for(void **state)
{
    ask_all_as(state, "postfix", true);
}

static void the_service_writes_rows_and_no_tables(void **state)
{
    ask_all_as(state, "postreeve", false);
}

static void no_statement_of_a_stranger_reaches_another_database(void **state)
{
    struct scratch *other = scratch_migrated();
    static const char *const accounts[] = { "postfix", "postreeve" };

    for (size_t i = 0; i < COUNT(accounts); i++) {
        MYSQL *m = come_in_as(*state, accounts[i]);
        char sql[160];

        snprintf(sql, sizeof sql, "SELECT domain FROM `%s`.domain", other->name);
        assert_false(is_allowed(m, sql));
        mysql_close(m);
    }
    scratch_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mail_daemons_read_what_they_ask_for),
        cmocka_unit_test(the_service_writes_rows_and_no_tables),
        cmocka_unit_test(no_statement_of_a_stranger_reaches_another_database),
    };

    return cmocka_run_group_tests_name("grants", tests, open_database, drop_database);
}
