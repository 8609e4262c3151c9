/* server/store/migrate.c */
#include "store/migrate.h"

#include "base/log.h"
#include "store/mysql.h"
#include "store/statement.h"
#include "store/statements.h"

#include <mysqld_error.h>

struct step {
    struct text name;
    int64_t statements, finished, got;
};

static const struct field step_fields[] = {
    COLUMN(struct step, name),
    COLUMN(struct step, statements),
    COLUMN(struct step, finished),
    COLUMN(struct step, got),
};
static const struct shape step_shape = SHAPE(struct step, "MigrationStep", step_fields);

enum { LOCK, UNLOCK, FIND, NOTE, HAS_TABLE, COUNT_FINISHED };
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
    { 0 },
};

static const char *const own_table =
    "CREATE TABLE IF NOT EXISTS postreeve_migration ("
    " name varchar(64) NOT NULL, statements int NOT NULL, finished tinyint(1) NOT NULL, changed datetime NOT NULL,"
    " PRIMARY KEY (name)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";

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

static enum outcome apply(struct task *t, const struct migration *m, migrate_said *said)
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
        o = run_statement(t, sql);
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
    enum outcome o = statement_one(t, &migrate_statements[LOCK], NULL, &lock);

    if (o == DONE && lock.got != 1) {
        log_line(LOG_WARN, "another migration is running");
        return RETRY;
    }
    if (o == DONE)
        o = connection_run(task_connection(t), own_table);
    for (const struct migration *m = migrations; o == DONE && m->name; m++)
        o = apply(t, m, said);
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
