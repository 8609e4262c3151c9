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

enum { FIND, SAVE, FORGET_SENDERS };
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
