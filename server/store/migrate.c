/* server/store/migrate.c */
#include "store/migrate.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/mysql.h"
#include "store/statement.h"
#include "store/statements.h"

#include <mysqld_error.h>
#include <sys/random.h>
#include <time.h>

#define LEASE_SECONDS 60
#define LEASE_TRY_MS 200
#define LEASE_ATTEMPTS 5

struct step {
    struct text name;
    int64_t statements, finished, got, seconds;
};

static const struct field step_fields[] = {
    COLUMN(struct step, name),
    COLUMN(struct step, statements),
    COLUMN(struct step, finished),
    COLUMN(struct step, got),
    COLUMN(struct step, seconds),
};
static const struct shape step_shape = SHAPE(struct step, "MigrationStep", step_fields);

enum { LOCK, UNLOCK, FIND, NOTE, HAS_TABLE, COUNT_FINISHED, LEASE, LEASE_HOLDER, LEASE_END };
const struct statement migrate_statements[] = {
    [LOCK] = { "migrate.lock", "SELECT GET_LOCK('postreeve.migrate', 60) AS got", NULL, &step_shape },
    [UNLOCK] = { "migrate.unlock", "SELECT RELEASE_LOCK('postreeve.migrate') AS got", NULL, &step_shape },
    [FIND] = { "migrate.find", "SELECT name, statements, finished FROM postreeve_migration WHERE name = :name",
               &step_shape, &step_shape },
    [NOTE] = { "migrate.note",
               "INSERT INTO postreeve_migration (name, statements, finished, changed)"
               " VALUES (:name, :statements, :finished, NOW())"
               " ON DUPLICATE KEY UPDATE statements = VALUES(statements), finished = VALUES(finished),"
               " changed = VALUES(changed)",
               &step_shape, NULL },
    [HAS_TABLE] = { "migrate.has_table",
                    "SELECT COUNT(*) AS got FROM information_schema.tables"
                    " WHERE table_schema = DATABASE() AND table_name = 'postreeve_migration'",
                    NULL, &step_shape },
    [COUNT_FINISHED] = { "migrate.count", "SELECT COUNT(*) AS got FROM postreeve_migration WHERE finished = 1", NULL,
                         &step_shape },
    /* The first assignment is done when the second asks. */
    [LEASE] = { "migrate.lease",
                "INSERT INTO postreeve_migration (name, statements, finished, changed)"
                " VALUES (:name, :statements, 0, UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE"
                " statements = IF(changed < UTC_TIMESTAMP() - INTERVAL :seconds SECOND, VALUES(statements), statements),"
                " changed = IF(statements = VALUES(statements), VALUES(changed), changed)",
                &step_shape, NULL },
    [LEASE_HOLDER] = { "migrate.lease_holder", "SELECT statements FROM postreeve_migration WHERE name = :name",
                       &step_shape, &step_shape },
    [LEASE_END] = { "migrate.lease_end",
                    "DELETE FROM postreeve_migration WHERE name = :name AND statements = :statements", &step_shape, NULL },
    { 0 },
};

static const char *const own_table =
    "CREATE TABLE IF NOT EXISTS postreeve_migration ("
    " name varchar(64) NOT NULL, statements int NOT NULL, finished tinyint(1) NOT NULL, changed datetime NOT NULL,"
    " PRIMARY KEY (name)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";

/* The lease of the cluster: GET_LOCK holds on one node only. It is a row beside the migrations, never finished, that
 * holds the number of the run instead of a statement's. Who has died does not renew it, and a run that finds it taken
 * by another stops: what it was doing is done again by that one, as after a death. */
struct lease {
    bool needed;
    struct step row;
};

static enum outcome lease_renew(struct task *t, const struct lease *l)
{
    struct step holder = { 0 };
    enum outcome o = RETRY;

    if (!l->needed)
        return DONE;
    for (int i = 0; i < LEASE_ATTEMPTS && o == RETRY && !task_connection(t)->lost; i++) /* who waits for it writes, too */
        o = statement_run(t, &migrate_statements[LEASE], &l->row, NULL);
    if (o == DONE)
        o = statement_one(t, &migrate_statements[LEASE_HOLDER], &l->row, &holder);
    if (o == MISSING || (o == DONE && holder.statements != l->row.statements))
        o = CONFLICT;
    return o;
}

/* As long as a dead run's lease lasts, and a little. */
static enum outcome lease_take(struct task *t, struct lease *l)
{
    int64_t until = clock_monotonic_ms() + (LEASE_SECONDS + 5) * INT64_C(1000);
    struct timespec pause = { 0, LEASE_TRY_MS * 1000000L };
    uint32_t number = 0;
    enum outcome o;

    *l = (struct lease){ task_connection(t)->in_cluster, { .name = TEXT("(lease)"), .seconds = LEASE_SECONDS } };
    if (!l->needed)
        return DONE;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return BROKEN;
    l->row.statements = number >> 1;
    for (;;) {
        o = lease_renew(t, l);
        if (o != CONFLICT)
            return o;
        if (clock_monotonic_ms() > until)
            break;
        nanosleep(&pause, NULL);
    }
    log_line(LOG_WARN, "another migration is running, on another node");
    return RETRY;
}

static enum outcome lease_end(struct task *t, const struct lease *l)
{
    return l->needed && !task_connection(t)->lost ? statement_run(t, &migrate_statements[LEASE_END], &l->row, NULL) : DONE;
}

/* Cuts the next statement off `rest`: up to a line that ends in ";", comment lines left out. */
static struct text next_statement(struct task *t, struct text *rest)
{
    struct text statement = TEXT("");

    while (rest->length) {
        size_t end = text_find(*rest, '\n');
        struct text line = text_part(*rest, 0, end == TEXT_NOT_FOUND ? rest->length : end + 1);

        *rest = text_part(*rest, line.length, rest->length);
        if (text_starts(text_trim(line), TEXT("--")) || text_trim(line).length == 0)
            continue;
        statement = task_join(t, statement, line);
        if (text_ends(text_trim(line), TEXT(";")))
            break;
    }
    return text_trim(statement);
}

/* "It is there already": what a run that was killed just after a statement left behind. */
static bool is_there_already(unsigned error)
{
    return error == ER_TABLE_EXISTS_ERROR || error == ER_DUP_FIELDNAME || error == ER_DUP_KEYNAME;
}

static enum outcome run_statement(struct task *t, struct text sql)
{
    struct connection *c = task_connection(t);

    if (mysql_real_query(c->mysql, sql.at, (unsigned long)sql.length) == 0 || is_there_already(mysql_errno(c->mysql)))
        return DONE;
    return connection_failed(c, mysql_errno(c->mysql), mysql_error(c->mysql), "migration");
}

static enum outcome apply(struct task *t, const struct migration *m, const struct lease *lease, migrate_said *said)
{
    struct step at = { .name = text_of(m->name) };
    struct text rest = { m->sql, m->length };
    int64_t number = 0;
    enum outcome o = statement_one(t, &migrate_statements[FIND], &at, &at);

    if (o != MISSING && (o != DONE || at.finished))
        return o;
    at.name = text_of(m->name);
    o = DONE;
    for (;;) {
        struct text sql = next_statement(t, &rest);

        if (o != DONE || sql.length == 0)
            break;
        if (++number <= at.statements)
            continue;
        o = lease_renew(t, lease) == DONE ? run_statement(t, sql) : RETRY; /* another run has taken over */
        at.statements = number;
        if (o == DONE)
            o = statement_run(t, &migrate_statements[NOTE], &at, NULL);
    }
    at.finished = 1;
    if (o == DONE)
        o = statement_run(t, &migrate_statements[NOTE], &at, NULL);
    if (o == DONE)
        said(m->name, (int)number);
    else
        log_line(LOG_FAULT, "migration %s stopped at its statement %lld", m->name, (long long)number);
    return o;
}

enum outcome migrate(struct task *t, migrate_said *said)
{
    struct step lock = { 0 };
    struct lease lease = { 0 };
    enum outcome o = statement_one(t, &migrate_statements[LOCK], NULL, &lock);

    if (o == DONE && lock.got != 1) {
        log_line(LOG_WARN, "another migration is running");
        return RETRY;
    }
    if (o == DONE)
        o = connection_run(task_connection(t), own_table);
    if (o == DONE)
        o = lease_take(t, &lease);
    for (const struct migration *m = migrations; o == DONE && m->name; m++)
        o = apply(t, m, &lease, said);
    if (lease_end(t, &lease) != DONE && o == DONE)
        log_line(LOG_WARN, "the next migration on another node will wait for a minute");
    if (o == DONE)
        o = statement_one(t, &migrate_statements[UNLOCK], NULL, &lock); /* else it ends with the connection */
    return o;
}

enum outcome migrate_is_current(struct task *t)
{
    struct step counted = { 0 };
    int64_t known = 0;
    enum outcome o = statement_one(t, &migrate_statements[HAS_TABLE], NULL, &counted);

    if (o == DONE && counted.got == 0)
        return CONFLICT;
    if (o == DONE)
        o = statement_one(t, &migrate_statements[COUNT_FINISHED], NULL, &counted);
    for (const struct migration *m = migrations; m->name; m++)
        known++;
    return o == DONE && counted.got != known ? CONFLICT : o;
}
