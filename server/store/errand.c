/* server/store/errand.c */
#include "store/errand.h"

#include "store/statements.h"

static const struct field row_fields[] = {
    FIELD(struct errand, id, .flags = KEY),
    COLUMN(struct errand, kind),     COLUMN(struct errand, event),
    COLUMN(struct errand, verb),     COLUMN(struct errand, actor),    COLUMN(struct errand, target),
    COLUMN(struct errand, domain),   COLUMN(struct errand, record),   COLUMN(struct errand, state),
    COLUMN(struct errand, attempts), COLUMN(struct errand, due),      COLUMN(struct errand, last_error),
    COLUMN(struct errand, created),  COLUMN(struct errand, finished), COLUMN(struct errand, delivery),
    COLUMN(struct errand, lane),     COLUMN(struct errand, payload),  COLUMN(struct errand, sealed),
    COLUMN(struct errand, claim),    COLUMN(struct errand, seconds),
};
static const struct shape row_shape = SHAPE(struct errand, "ErrandRow", row_fields);

static const struct field count_fields[] = {
    COLUMN(struct errand_counts, waiting), COLUMN(struct errand_counts, failed),
};
static const struct shape count_shape = SHAPE(struct errand_counts, "ErrandCounts", count_fields);

#define ROW                                                                                                   \
    "e.id, e.kind, e.event, e.verb, e.actor, e.target, e.domain, e.record, e.state, e.attempts,"              \
    " UNIX_TIMESTAMP(e.due) AS due, e.last_error, UNIX_TIMESTAMP(e.created) AS created,"                      \
    " UNIX_TIMESTAMP(e.finished) AS finished"
#define OPEN(row) row ".state IN ('waiting', 'running')"

enum { INSERT, DUE, TAKE, END, FIND, LOCK, AGAIN, RECENT, COUNT_ALL, SWEEP };
const struct statement errand_statements[] = {
    [INSERT] = { "errand.insert",
                 "INSERT INTO postreeve_errand (kind, event, verb, actor, target, domain, record, delivery, lane, payload,"
                 " sealed, due, created) VALUES (:kind, :event, :verb, :actor, :target, :domain, :record, :delivery, :lane,"
                 " :payload, :sealed, NOW(), NOW())",
                 &row_shape, NULL },
    /* In the order of the index, so that a long queue is not sorted for each of its errands. */
    [DUE] = { "errand.due",
              "SELECT " ROW ", e.delivery, e.payload, e.sealed FROM postreeve_errand e FORCE INDEX (due)"
              " WHERE " OPEN("e") " AND e.due <= NOW() AND NOT EXISTS (SELECT 1 FROM postreeve_errand b"
              " WHERE b.lane = e.lane AND " OPEN("b") " AND b.id < e.id) LIMIT 1 FOR UPDATE SKIP LOCKED",
              NULL, &row_shape },
    [TAKE] = { "errand.take",
               "UPDATE postreeve_errand SET state = 'running', claim = :claim, attempts = attempts + 1,"
               " due = NOW() + INTERVAL :seconds SECOND WHERE id = :id",
               &row_shape, NULL },
    [END] = { "errand.end",
              "UPDATE postreeve_errand SET state = :state, attempts = :attempts, last_error = :last_error,"
              " due = NOW() + INTERVAL :seconds SECOND, sealed = IF(:state = 'done', NULL, sealed),"
              " finished = IF(:state IN ('done', 'failed'), NOW(), NULL), claim = 0 WHERE id = :id AND claim = :claim",
              &row_shape, NULL },
    [FIND] = { "errand.find", "SELECT " ROW " FROM postreeve_errand e WHERE e.id = :id", &row_shape, &row_shape },
    [LOCK] = { "errand.lock", "SELECT " ROW " FROM postreeve_errand e WHERE e.id = :id FOR UPDATE", &row_shape,
               &row_shape },
    [AGAIN] = { "errand.again",
                "UPDATE postreeve_errand SET state = 'waiting', attempts = 0, due = NOW(), finished = NULL WHERE id = :id",
                &row_shape, NULL },
    [RECENT] = { "errand.recent",
                 "SELECT COUNT(*) AS attempts FROM postreeve_errand e WHERE e.actor = :actor AND e.verb = :verb"
                 " AND e.created > NOW() - INTERVAL :seconds SECOND",
                 &row_shape, &row_shape },
    [COUNT_ALL] = { "errand.count",
                    "SELECT COUNT(IF(" OPEN("e") ", 1, NULL)) AS waiting, COUNT(IF(e.state = 'failed', 1, NULL)) AS failed"
                    " FROM postreeve_errand e WHERE e.state IN ('waiting', 'running', 'failed')",
                    NULL, &count_shape },
    [SWEEP] = { "errand.sweep",
                "DELETE FROM postreeve_errand WHERE state IN ('done', 'failed')"
                " AND finished < NOW() - INTERVAL :seconds SECOND",
                &row_shape, NULL },
    { 0 },
};

static const struct sort sorts[] = { { "id", "e.id" } };
static const struct filter filters[] = {
    { "actor", "e.actor = :actor" },
    { "verb", "e.verb = :verb OR e.verb LIKE CONCAT(:verb, '.%')" },
    { "state", "e.state = :state" },
    { "since", "e.created >= FROM_UNIXTIME(:since)" },
    { "until", "e.created < FROM_UNIXTIME(:until)" },
    { 0 },
};
const struct listing errand_listing = {
    "errand.list", ROW, "postreeve_errand e", NULL, "e.domain", NULL,
    "e.target COLLATE utf8mb4_unicode_ci LIKE :search OR e.event LIKE :search OR e.kind LIKE :search"
    " OR e.last_error COLLATE utf8mb4_unicode_ci LIKE :search",
    "e.target LIKE :spelled", "e.id", sorts, COUNT(sorts), &row_shape, filters, NULL,
};

enum outcome store_errand_insert(struct task *t, const struct errand *e)
{
    return statement_run(t, &errand_statements[INSERT], e, NULL);
}

enum outcome store_errand_due(struct task *t, struct errand *out)
{
    return statement_one(t, &errand_statements[DUE], NULL, out);
}

enum outcome store_errand_take(struct task *t, const struct errand *e)
{
    return statement_run(t, &errand_statements[TAKE], e, NULL);
}

enum outcome store_errand_end(struct task *t, const struct errand *e)
{
    int64_t found = 0;
    enum outcome o = statement_run(t, &errand_statements[END], e, &found);

    return o == DONE && found == 0 ? MISSING : o;
}

enum outcome store_errand_find(struct task *t, int64_t id, struct errand *out)
{
    struct errand key = { .id = id };

    return statement_one(t, &errand_statements[FIND], &key, out);
}

enum outcome store_errand_lock(struct task *t, int64_t id, struct errand *out)
{
    struct errand key = { .id = id };

    return statement_one(t, &errand_statements[LOCK], &key, out);
}

enum outcome store_errand_again(struct task *t, int64_t id)
{
    struct errand key = { .id = id };

    return statement_run(t, &errand_statements[AGAIN], &key, NULL);
}

enum outcome store_errand_recent(struct task *t, struct text actor, const char *verb, int64_t seconds, int64_t *out)
{
    struct errand by = { .actor = actor, .verb = text_of(verb), .seconds = seconds }, found = { 0 };
    enum outcome o = statement_one(t, &errand_statements[RECENT], &by, &found);

    *out = found.attempts;
    return o;
}

enum outcome store_errand_count(struct task *t, struct errand_counts *out)
{
    return statement_one(t, &errand_statements[COUNT_ALL], NULL, out);
}

enum outcome store_errand_sweep(struct task *t, int64_t seconds, int64_t *gone)
{
    struct errand by = { .seconds = seconds };

    return statement_run(t, &errand_statements[SWEEP], &by, gone);
}
