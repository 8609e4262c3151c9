/* tests/store/scratch.c */
#include "store/scratch.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/migrate.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SQL_MAX 8192
#define POLL_MS_MAX 200 /* InnoDB's tables of information_schema stay as they are while they are asked faster than 100 ms */
#define LOCK_SECONDS "20" /* a test that failed may have left a transaction open */

static void refused(struct scratch *s, const char *sql)
{
    fail_msg("%s: %s", sql, mysql_error(s->root));
}

static void say_nothing(const char *name, int statements)
{
    (void)name;
    (void)statements;
}

struct scratch *scratch_open_at(const char *socket)
{
    static atomic_int counter;
    struct scratch *s = calloc(1, sizeof *s);
    char sql[160];

    assert_non_null(s);
    snprintf(s->socket, sizeof s->socket, "%s", socket);
    snprintf(s->name, sizeof s->name, "pr_test_%d_%d", (int)getpid(), ++counter);
    s->root = mysql_init(NULL);
    if (!mysql_real_connect(s->root, NULL, "root", NULL, NULL, 0, s->socket, CLIENT_MULTI_STATEMENTS))
        refused(s, "connect");
    snprintf(sql, sizeof sql, "CREATE DATABASE `%s` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", s->name);
    if (mysql_query(s->root, "SET NAMES utf8mb4 COLLATE utf8mb4_bin") != 0
        || mysql_query(s->root, "SET SESSION lock_wait_timeout = " LOCK_SECONDS) != 0 || mysql_query(s->root, sql) != 0
        || mysql_select_db(s->root, s->name) != 0)
        refused(s, sql);
    s->settings = (struct store_settings){
        .socket = text_of(s->socket), .name = text_of(s->name), .user = TEXT("root"), .pool = 4, .connect_seconds = 5,
        .read_seconds = 60, .write_seconds = 60, .quota_multiplier = 1024000,
    };
    return s;
}

struct scratch *scratch_open(void)
{
    const char *socket = getenv("POSTREEVE_TEST_SOCKET");

    if (!socket)
        fail_msg("POSTREEVE_TEST_SOCKET is not set; tests/lib/mariadb start DIR prints a socket for it");
    return scratch_open_at(socket);
}

struct scratch *scratch_migrated(void)
{
    struct scratch *s = scratch_open();
    struct task *t = scratch_task(s);

    assert_int_equal(migrate(t, say_nothing), DONE);
    task_close(t);
    return s;
}

void scratch_close(struct scratch *s)
{
    if (!s)
        return;
    scratch_run(s, "DROP DATABASE `%s`", s->name);
    mysql_close(s->root);
    free(s);
}

struct task *scratch_task(struct scratch *s)
{
    struct task *t = task_open();

    assert_int_equal(store_connect(t, &s->settings), DONE);
    return t;
}

/* Results of what came before must be read before anything else is asked. */
static void drain(struct scratch *s, const char *sql)
{
    int more;

    do {
        mysql_free_result(mysql_store_result(s->root));
        more = mysql_next_result(s->root);
        if (more > 0)
            refused(s, sql);
    } while (more == 0);
}

static MYSQL_RES *ask(struct scratch *s, const char *sql)
{
    MYSQL_RES *rows = mysql_query(s->root, sql) == 0 ? mysql_store_result(s->root) : NULL;

    if (!rows)
        refused(s, sql);
    return rows;
}

#define FORMATTED(sql, format)                                     \
    char sql[SQL_MAX];                                             \
    va_list args;                                                  \
    va_start(args, format);                                        \
    assert_true(vsnprintf(sql, sizeof sql, format, args) < SQL_MAX); \
    va_end(args)

void scratch_run(struct scratch *s, const char *format, ...)
{
    FORMATTED(sql, format);
    if (mysql_query(s->root, sql) != 0)
        refused(s, sql);
    drain(s, sql);
}

long long scratch_number(struct scratch *s, const char *format, ...)
{
    MYSQL_RES *rows;
    MYSQL_ROW row;
    long long number;

    FORMATTED(sql, format);
    rows = ask(s, sql);
    row = mysql_fetch_row(rows);
    number = row && row[0] ? atoll(row[0]) : 0;
    mysql_free_result(rows);
    return number;
}

static struct text joined(struct task *t, MYSQL_RES *rows, MYSQL_ROW row)
{
    struct text line = TEXT("");

    for (unsigned i = 0; i < mysql_num_fields(rows); i++) {
        line = i ? task_join(t, line, TEXT("|")) : line;
        line = task_join(t, line, row[i] ? text_of(row[i]) : TEXT("NULL"));
    }
    return line;
}

const char *scratch_row(struct scratch *s, struct task *t, const char *format, ...)
{
    MYSQL_RES *rows;
    MYSQL_ROW row;
    struct text line = TEXT("(none)");

    FORMATTED(sql, format);
    rows = ask(s, sql);
    row = mysql_fetch_row(rows);
    if (row)
        line = joined(t, rows, row);
    mysql_free_result(rows);
    return task_c_string(t, line);
}

const char *scratch_rows(struct scratch *s, struct task *t, const char *query)
{
    MYSQL_RES *rows = ask(s, query);
    struct text all = TEXT("");
    MYSQL_ROW row;

    while ((row = mysql_fetch_row(rows))) {
        all = task_join(t, all, joined(t, rows, row));
        all = task_join(t, all, TEXT("\n"));
    }
    mysql_free_result(rows);
    return task_c_string(t, all);
}

/* A dump's own idea of which database it is for is not ours. */
static void blank_line(char *sql, const char *beginning)
{
    for (char *line = sql; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, beginning, strlen(beginning)) == 0)
            memset(line, ' ', strcspn(line, "\n"));
}

void scratch_run_file(struct scratch *s, const char *path)
{
    FILE *file = fopen(path, "r");
    long length;
    char *sql;

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    length = ftell(file);
    rewind(file);
    sql = malloc((size_t)length + 1);
    assert_non_null(sql);
    assert_int_equal(fread(sql, 1, (size_t)length, file), length);
    sql[length] = '\0';
    fclose(file);
    blank_line(sql, "CREATE DATABASE ");
    blank_line(sql, "USE ");
    if (mysql_real_query(s->root, sql, (unsigned long)strlen(sql)) != 0)
        refused(s, path);
    drain(s, path);
    free(sql);
}

static struct text without_counter(struct task *t, struct text layout)
{
    const char *counter = strstr(layout.at, " AUTO_INCREMENT=");
    size_t before;

    if (!counter)
        return layout;
    before = (size_t)(counter - layout.at);
    counter += strlen(" AUTO_INCREMENT=");
    counter += strspn(counter, "0123456789");
    return task_join(t, text_part(layout, 0, before), text_of(counter));
}

const char *scratch_layout(struct scratch *s, struct task *t)
{
    MYSQL_RES *tables = ask(s, "SHOW TABLES");
    struct text all = TEXT("");
    MYSQL_ROW table;

    while ((table = mysql_fetch_row(tables))) {
        const char *one = scratch_row(s, t, "SHOW CREATE TABLE `%s`", table[0]);

        all = task_join(t, all, without_counter(t, text_of(one)));
        all = task_join(t, all, TEXT("\n"));
    }
    mysql_free_result(tables);
    return task_c_string(t, all);
}

/* Not CHECKSUM TABLE: with computed columns it says something else from time to time, of the same rows. */
const char *scratch_content(struct scratch *s, struct task *t, const char *tables)
{
    struct text all = TEXT("");

    for (size_t length; (length = strcspn(tables, ",")) > 0; tables += length + (tables[length] ? 1 : 0)) {
        const char *query = task_printf(t, "SELECT * FROM `%.*s`", (int)length, tables).at;

        all = task_join(t, all, task_printf(t, "%.*s\n%s", (int)length, tables, scratch_rows(s, t, query)));
    }
    return task_c_string(t, all);
}

const char *scratch_fingerprint(struct scratch *s, struct task *t)
{
    return scratch_content(s, t, scratch_row(s, t,
                                             "SELECT GROUP_CONCAT(table_name ORDER BY table_name)"
                                             " FROM information_schema.tables WHERE table_schema = DATABASE()"));
}

void scratch_await(struct scratch *s, long long wanted, int seconds, const char *query)
{
    int64_t until = clock_monotonic_ms() + seconds * INT64_C(1000);
    int pause_ms = 5;

    while (scratch_number(s, "%s", query) != wanted) {
        if (clock_monotonic_ms() > until)
            fail_msg("%s did not become %lld in %d s", query, wanted, seconds);
        poll(NULL, 0, pause_ms);
        pause_ms = pause_ms * 2 < POLL_MS_MAX ? pause_ms * 2 : POLL_MS_MAX;
    }
}
