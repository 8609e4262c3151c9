/* server/store/vacation.c */
#include "store/vacation.h"

#include "store/statements.h"

static const struct field row_fields[] = {
    COLUMN(struct vacation, address), COLUMN(struct vacation, domain), COLUMN(struct vacation, active),
    COLUMN(struct vacation, subject), COLUMN(struct vacation, body),   COLUMN(struct vacation, from),
    COLUMN(struct vacation, until),   COLUMN(struct vacation, interval_seconds),
};
static const struct shape row_shape = SHAPE(struct vacation, "VacationRow", row_fields);

#define AT_ONCE "'2000-01-01 00:00:00'"
#define NO_END "'2038-01-18 00:00:00'"
/* What lies beyond the column's reach is no end either. */
#define BEGIN "COALESCE(LEAST(FROM_UNIXTIME(LEAST(:from, 2147483000)), " NO_END "), " AT_ONCE ")"
#define END "COALESCE(LEAST(FROM_UNIXTIME(LEAST(:until, 2147483000)), " NO_END "), " NO_END ")"

static const struct field notice_fields[] = {
    COLUMN(struct vacation_notice, address), COLUMN(struct vacation_notice, subject),
    COLUMN(struct vacation_notice, body),    COLUMN(struct vacation_notice, display_name),
};
static const struct shape notice_shape = SHAPE(struct vacation_notice, "VacationNotice", notice_fields);

static const struct field answer_fields[] = {
    COLUMN(struct vacation_answer, address), COLUMN(struct vacation_answer, sender),
    COLUMN(struct vacation_answer, letter),  COLUMN(struct vacation_answer, stage),
};
static const struct shape answer_shape = SHAPE(struct vacation_answer, "VacationAnswer", answer_fields);

/* How many seconds a row keeps others from answering; NULL: for good. The stages are those of enum answer_stage. */
#define KEEPS_SECONDS                                                                                              \
    "CASE WHEN n.stage = 0 AND v.interval_time > 0 THEN LEAST(v.interval_time, 86400)"                              \
    " WHEN v.interval_time > 0 THEN v.interval_time WHEN n.stage < 2 THEN 86400 END"

enum { FIND, SAVE, FORGET_SENDERS, NOTICE, CLAIM, CLAIM_AGAIN, STAGE };
const struct statement vacation_statements[] = {
    [FIND] = { "vacation.find",
               "SELECT v.active, v.subject, v.body, IF(v.activefrom <= " AT_ONCE ", NULL, UNIX_TIMESTAMP(v.activefrom))"
               " AS `from`, IF(v.activeuntil >= " NO_END ", NULL, UNIX_TIMESTAMP(v.activeuntil)) AS until,"
               " v.interval_time AS interval_seconds FROM vacation v WHERE v.email = :address",
               &row_shape, &row_shape },
    [SAVE] = { "vacation.save",
               "INSERT INTO vacation (email, subject, body, cache, domain, created, active, modified, activefrom, activeuntil,"
               " interval_time) VALUES (:address, :subject, :body, '', :domain, NOW(), :active, NOW(), " BEGIN ", " END
               ", :interval_seconds) ON DUPLICATE KEY UPDATE subject = VALUES(subject), body = VALUES(body),"
               " active = VALUES(active), modified = VALUES(modified), activefrom = VALUES(activefrom),"
               " activeuntil = VALUES(activeuntil), interval_time = VALUES(interval_time)",
               &row_shape, NULL },
    [FORGET_SENDERS] = { "vacation.forget_senders", "DELETE FROM vacation_notification WHERE on_vacation = :address",
                         &row_shape, NULL },
    [NOTICE] = { "vacation.notice",
                 "SELECT v.subject, v.body, m.name AS display_name FROM vacation v"
                 " JOIN mailbox m ON m.username = v.email AND m.active = 1 JOIN domain d ON d.domain = m.domain AND d.active = 1"
                 " WHERE v.email = :address AND v.active = 1 AND v.activefrom <= NOW() AND v.activeuntil > NOW()",
                 &notice_shape, &notice_shape },
    [CLAIM] = { "vacation.claim",
                "INSERT INTO vacation_notification (on_vacation, notified, notified_at, letter, stage)"
                " VALUES (:address, :sender, NOW(), :letter, 0)",
                &answer_shape, NULL },
    [CLAIM_AGAIN] = { "vacation.claim_again",
                      "UPDATE vacation_notification n JOIN vacation v ON v.email = n.on_vacation"
                      " SET n.notified_at = NOW(), n.letter = :letter, n.stage = 0"
                      " WHERE n.on_vacation = :address AND n.notified = :sender AND CASE WHEN n.letter = :letter THEN n.stage = 0"
                      " WHEN n.notified_at < v.activefrom OR v.interval_time = 1 THEN 1"
                      " ELSE n.notified_at <= NOW() - INTERVAL " KEEPS_SECONDS " SECOND END",
                      &answer_shape, NULL },
    [STAGE] = { "vacation.stage",
                "UPDATE vacation_notification SET stage = :stage"
                " WHERE on_vacation = :address AND notified = :sender AND letter = :letter",
                &answer_shape, NULL },
    { 0 },
};

enum outcome store_vacation_find(struct task *t, struct text address, struct vacation *out)
{
    struct vacation key = { .address = address };

    return statement_one(t, &vacation_statements[FIND], &key, out);
}

enum outcome store_vacation_save(struct task *t, const struct vacation *v)
{
    return statement_run(t, &vacation_statements[SAVE], v, NULL);
}

enum outcome store_vacation_forget_senders(struct task *t, struct text address)
{
    struct vacation key = { .address = address };

    return statement_run(t, &vacation_statements[FORGET_SENDERS], &key, NULL);
}

enum outcome store_vacation_notice(struct task *t, struct text address, struct vacation_notice *out)
{
    struct vacation_notice key = { .address = address };
    enum outcome o = statement_one(t, &vacation_statements[NOTICE], &key, out);

    out->address = address;
    return o;
}

static enum outcome found(enum outcome o, int64_t rows, enum outcome otherwise)
{
    return o == DONE && rows == 0 ? otherwise : o;
}

enum outcome store_vacation_claim(struct task *t, const struct vacation_answer *a)
{
    enum outcome o = statement_run(t, &vacation_statements[CLAIM], a, NULL);
    int64_t rows = 0;

    if (o != CONFLICT)
        return o;
    task_forget_problems(t);
    o = statement_run(t, &vacation_statements[CLAIM_AGAIN], a, &rows);
    return found(o, rows, CONFLICT);
}

enum outcome store_vacation_stage(struct task *t, const struct vacation_answer *a, enum answer_stage stage)
{
    struct vacation_answer now = *a;
    int64_t rows = 0;
    enum outcome o;

    now.stage = stage;
    o = statement_run(t, &vacation_statements[STAGE], &now, &rows);
    return found(o, rows, MISSING);
}
