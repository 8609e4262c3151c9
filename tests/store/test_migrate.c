/* tests/store/test_migrate.c - the tables come about once, whoever asks how often, and whenever somebody pulls the plug
 *
 * A run is killed by the run itself: the linker puts the functions below between migrate.c and the client library, and
 * they raise SIGKILL at the call with the number that a test wants. So every boundary is met, not just the likely ones.
 */
#include "store/scratch.h"

#include "store/migrate.h"
#include "store/statement.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define FIXTURE POSTREEVE_SOURCE "/../shared/fixtures/postfixadmin.sql"

enum death { BEHIND_THE_ANSWER, BEFORE_THE_ANSWER };

static int calls, dies_at; /* 0: lives on */
static enum death death;

int __real_mysql_query(MYSQL *m, const char *sql);
int __wrap_mysql_query(MYSQL *m, const char *sql);
int __real_mysql_real_query(MYSQL *m, const char *sql, unsigned long length);
int __wrap_mysql_real_query(MYSQL *m, const char *sql, unsigned long length);
int __real_mysql_stmt_execute(MYSQL_STMT *st);
int __wrap_mysql_stmt_execute(MYSQL_STMT *st);

static void die_if_it_is_time(void)
{
    if (dies_at && ++calls == dies_at)
        raise(SIGKILL);
}

int __wrap_mysql_query(MYSQL *m, const char *sql)
{
    int failed = __real_mysql_query(m, sql);

    if (death == BEHIND_THE_ANSWER)
        die_if_it_is_time();
    return failed;
}

int __wrap_mysql_real_query(MYSQL *m, const char *sql, unsigned long length)
{
    int failed;

    if (dies_at && death == BEFORE_THE_ANSWER && calls + 1 == dies_at)
        failed = mysql_send_query(m, sql, length); /* the server is still at it when we go */
    else
        failed = __real_mysql_real_query(m, sql, length);
    die_if_it_is_time();
    return failed;
}

int __wrap_mysql_stmt_execute(MYSQL_STMT *st)
{
    int failed = __real_mysql_stmt_execute(st);

    if (death == BEHIND_THE_ANSWER)
        die_if_it_is_time();
    return failed;
}

static atomic_int said_lines;

static void count_line(const char *name, int statements)
{
    (void)name;
    (void)statements;
    said_lines++;
}

static int open_database(void **state)
{
    *state = scratch_open();
    said_lines = 0;
    return 0;
}

static int drop_database(void **state)
{
    scratch_close(*state);
    return 0;
}

static int known_migrations(void)
{
    int count = 0;

    while (migrations[count].name)
        count++;
    return count;
}

static enum outcome migrate_once(struct scratch *s)
{
    struct task *t = scratch_task(s);
    enum outcome o = migrate(t, count_line);

    task_close(t);
    return o;
}

static enum outcome is_current(struct scratch *s)
{
    struct task *t = scratch_task(s);
    enum outcome o = migrate_is_current(t);

    task_close(t);
    return o;
}

static void an_empty_database_gets_all_tables(void **state)
{
    assert_int_equal(is_current(*state), CONFLICT);
    assert_int_equal(migrate_once(*state), DONE);
    assert_int_equal(is_current(*state), DONE);
    assert_int_equal(said_lines, known_migrations());
    assert_int_equal(scratch_number(*state, "SELECT COUNT(*) FROM postreeve_migration WHERE finished = 1"),
                     known_migrations());
    assert_int_equal(scratch_number(*state, "SELECT value FROM config WHERE name = 'version'"), 1856);
}

static void every_table_is_innodb_with_a_primary_key_and_one_collation(void **state)
{
    static const char query[] =
        "SELECT t.table_name, t.engine, t.table_collation FROM information_schema.tables t"
        " WHERE t.table_schema = DATABASE() AND (t.engine <> 'InnoDB' OR t.table_collation <> 'utf8mb4_bin'"
        " OR NOT EXISTS (SELECT 1 FROM information_schema.table_constraints k WHERE k.table_schema = t.table_schema"
        " AND k.table_name = t.table_name AND k.constraint_type = 'PRIMARY KEY'))";
    struct task *t = task_open();

    assert_int_equal(migrate_once(*state), DONE);
    assert_string_equal(scratch_rows(*state, t, query), "");
    task_close(t);
}

static void a_second_run_changes_nothing(void **state)
{
    struct task *t = task_open();
    const char *layout, *rows;

    assert_int_equal(migrate_once(*state), DONE);
    layout = scratch_layout(*state, t);
    rows = scratch_fingerprint(*state, t);
    said_lines = 0;
    assert_int_equal(migrate_once(*state), DONE);
    assert_int_equal(said_lines, 0);
    assert_string_equal(scratch_layout(*state, t), layout);
    assert_string_equal(scratch_fingerprint(*state, t), rows);
    task_close(t);
}

static void *migrate_in_thread(void *it)
{
    struct scratch *s = it;
    struct task *t = task_open();
    enum outcome o = store_connect(t, &s->settings);

    if (o == DONE)
        o = migrate(t, count_line);
    task_close(t);
    mysql_thread_end();
    return o == DONE ? it : NULL;
}

static void several_at_once_take_turns(void **state)
{
    pthread_t threads[THREADS];
    void *ended;

    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_in_thread, *state), 0);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &ended);
        assert_non_null(ended);
    }
    assert_int_equal(said_lines, known_migrations());
    assert_int_equal(is_current(*state), DONE);
}

static void who_cannot_have_the_lock_cannot_tell(void **state)
{
    struct scratch *s = *state, impatient = *s;
    struct task *t;

    impatient.settings.read_seconds = 1;
    scratch_run(s, "DO GET_LOCK('postreeve.migrate', 60)");
    t = scratch_task(&impatient);
    assert_int_equal(migrate(t, count_line), RETRY);
    task_close(t);
    scratch_run(s, "DO RELEASE_LOCK('postreeve.migrate')");
    assert_int_equal(scratch_number(s, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"),
                     0);
    assert_int_equal(migrate_once(s), DONE);
}

/* BEFORE_THE_ANSWER counts the migrations' own statements only. True when the run was killed, false when it got to its end before. */
static bool migrate_until(struct scratch *s, int call, enum death how)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct task *t = task_open();

        death = how;
        if (store_connect(t, &s->settings) != DONE)
            _exit(1);
        dies_at = call;
        _exit(migrate(t, count_line) == DONE ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* Each of them costs a later run a look-up, which gets that run no further. */
static int finished_migrations(struct scratch *s)
{
    if (scratch_number(s, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
                          " AND table_name = 'postreeve_migration'") == 0)
        return 0;
    return (int)scratch_number(s, "SELECT COUNT(*) FROM postreeve_migration WHERE finished = 1");
}

/* A run makes three calls (lock, own table, look-up), then for each statement one to run it and one to note it.
 * Killed at these calls in turn, the runs together get to the end, and each statement meets its death before it ran, after
 * it ran but was not noted, and after it was noted. */
static const struct {
    const char *what;
    enum death how;
    int calls[3];
} turns[] = {
    { "behind statements and notes", BEHIND_THE_ANSWER, { 4, 5, 6 } },
    { "behind the statements between those", BEHIND_THE_ANSWER, { 6, 4, 5 } },
    { "early and late", BEHIND_THE_ANSWER, { 1, 3, 9 } },
    { "within statements", BEFORE_THE_ANSWER, { 1, 2, 2 } },
};

static void killed_anywhere_it_goes_on_from_there(void **state)
{
    struct task *t = task_open();
    struct scratch *clean = scratch_migrated();
    const char *layout = scratch_layout(clean, t);

    (void)state;
    for (size_t i = 0; i < COUNT(turns); i++) {
        struct scratch *s = scratch_open();
        int deaths = 0;

        print_message("  %s\n", turns[i].what);
        for (; deaths < 200; deaths++) { /* more: they get nowhere */
            int looks = turns[i].how == BEHIND_THE_ANSWER ? finished_migrations(s) : 0;

            if (!migrate_until(s, looks + turns[i].calls[deaths % 3], turns[i].how))
                break;
        }
        assert_true(deaths < 200);
        print_message("    %d deaths\n", deaths);
        assert_true(deaths > 10);
        assert_int_equal(is_current(s), DONE);
        assert_string_equal(scratch_layout(s, t), layout);
        assert_int_equal(scratch_number(s, "SELECT COUNT(*) FROM config"), 1);
        scratch_close(s);
    }
    scratch_close(clean);
    task_close(t);
}

/* `log` is a view, so it cannot get columns. What was done before stays done; the rest follows once it is mended. */
static void a_statement_that_fails_stops_the_run(void **state)
{
    struct task *t = task_open();

    scratch_run(*state, "CREATE VIEW log AS SELECT 1 AS id");
    assert_int_not_equal(migrate_once(*state), DONE);
    assert_int_equal(is_current(*state), CONFLICT);
    assert_string_equal(scratch_rows(*state, t, "SELECT name, finished FROM postreeve_migration ORDER BY name"),
                        "0001-postfix-admin-tables|1\n0002-sessions-and-audit|0\n");
    scratch_run(*state, "DROP VIEW log");
    scratch_run(*state, "CREATE TABLE log (timestamp datetime NOT NULL, username varchar(255) NOT NULL,"
                        " domain varchar(255) NOT NULL, action varchar(255) NOT NULL, data text NOT NULL,"
                        " id int NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB");
    assert_int_equal(migrate_once(*state), DONE);
    assert_int_equal(is_current(*state), DONE);
    task_close(t);
}

static void tables_of_another_version_are_not_current(void **state)
{
    assert_int_equal(migrate_once(*state), DONE);
    scratch_run(*state, "INSERT INTO postreeve_migration VALUES ('9999-from-the-future', 1, 1, NOW())");
    assert_int_equal(is_current(*state), CONFLICT);
    scratch_run(*state, "DELETE FROM postreeve_migration WHERE name LIKE '9999%%'");
    assert_int_equal(is_current(*state), DONE);
    scratch_run(*state, "UPDATE postreeve_migration SET finished = 0 WHERE name LIKE '0002%%'");
    assert_int_equal(is_current(*state), CONFLICT);
}

static void postfix_admins_own_tables_stay_and_ours_come_beside(void **state)
{
    static const char counts[] = "SELECT (SELECT COUNT(*) FROM mailbox), (SELECT COUNT(*) FROM alias),"
                                 " (SELECT COUNT(*) FROM domain), (SELECT COUNT(*) FROM log),"
                                 " (SELECT MD5(GROUP_CONCAT(username, password, name, quota, active ORDER BY username))"
                                 " FROM mailbox), (SELECT MD5(GROUP_CONCAT(address, goto ORDER BY address)) FROM alias)";
    struct task *t = task_open();
    const char *before;

    if (access(FIXTURE, R_OK) != 0) {
        task_close(t);
        skip();
    }
    scratch_run_file(*state, FIXTURE);
    before = scratch_rows(*state, t, counts);
    assert_int_equal(migrate_once(*state), DONE);
    assert_int_equal(is_current(*state), DONE);
    assert_string_equal(scratch_rows(*state, t, counts), before);
    assert_int_equal(scratch_number(*state, "SELECT COUNT(*) FROM information_schema.columns"
                                            " WHERE table_schema = DATABASE() AND (table_name, column_name) IN"
                                            " (('domain', 'maxquota_bytes'), ('domain', 'quota_bytes'),"
                                            " ('log', 'actor'), ('log', 'after_state'),"
                                            " ('postreeve_session', 'digest'))"), 5);
    task_close(t);
}

#define MIGRATE_TEST(it) cmocka_unit_test_setup_teardown(it, open_database, drop_database)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MIGRATE_TEST(an_empty_database_gets_all_tables),
        MIGRATE_TEST(every_table_is_innodb_with_a_primary_key_and_one_collation),
        MIGRATE_TEST(a_second_run_changes_nothing),
        MIGRATE_TEST(several_at_once_take_turns),
        MIGRATE_TEST(who_cannot_have_the_lock_cannot_tell),
        cmocka_unit_test(killed_anywhere_it_goes_on_from_there),
        MIGRATE_TEST(a_statement_that_fails_stops_the_run),
        MIGRATE_TEST(tables_of_another_version_are_not_current),
        MIGRATE_TEST(postfix_admins_own_tables_stay_and_ours_come_beside),
    };

    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
