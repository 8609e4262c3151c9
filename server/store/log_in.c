/* server/store/log_in.c */
#include "store/log_in.h"

#include "store/statements.h"

struct row {
    struct text account, username;
    struct text source, user_agent;
    int64_t id, kept, days;
    bool success;
};
static const struct field row_fields[] = {
    COLUMN(struct row, account), COLUMN(struct row, username), COLUMN(struct row, source), COLUMN(struct row, user_agent),
    COLUMN(struct row, success), COLUMN(struct row, id),       COLUMN(struct row, kept),   COLUMN(struct row, days),
};
static const struct shape row_shape = SHAPE(struct row, "LogInRow", row_fields);

enum { INSERT, OLDEST_KEPT, TRIM, SWEEP, OF_ONE };
const struct statement log_in_statements[] = {
    [INSERT] = { "log_in.insert",
                 "INSERT INTO postreeve_log_in (account, username, at, source, agent, success)"
                 " VALUES (:account, :username, NOW(), :source, :user_agent, :success)",
                 &row_shape, NULL },
    [OLDEST_KEPT] = { "log_in.oldest_kept",
                      "SELECT l.id FROM postreeve_log_in l WHERE l.account = :account AND l.username = :username"
                      " ORDER BY l.id DESC LIMIT 1 OFFSET :kept",
                      &row_shape, &row_shape },
    [TRIM] = { "log_in.trim",
               "DELETE FROM postreeve_log_in WHERE account = :account AND username = :username AND id <= :id", &row_shape,
               NULL },
    [SWEEP] = { "log_in.sweep", "DELETE FROM postreeve_log_in WHERE at < NOW() - INTERVAL :days DAY LIMIT 1000", &row_shape,
                NULL },
    [OF_ONE] = { "log_in.of_one",
                 "SELECT UNIX_TIMESTAMP(l.at) AS at, l.source, l.agent AS user_agent, l.success FROM postreeve_log_in l"
                 " WHERE l.account = :account AND l.username = :username ORDER BY l.id DESC LIMIT :kept",
                 &row_shape, &log_in_shape },
    { 0 },
};

enum outcome store_log_in_add(struct task *t, struct text account, struct text username, const struct log_in *l)
{
    struct row r = { .account = account, .username = username, .source = l->source, .user_agent = l->user_agent,
                     .success = l->success, .kept = LOG_INS_KEPT, .days = LOG_IN_DAYS };
    struct row oldest = { 0 };
    enum outcome o = statement_run(t, &log_in_statements[INSERT], &r, NULL);

    if (o == DONE)
        o = statement_one(t, &log_in_statements[OLDEST_KEPT], &r, &oldest);
    if (o == DONE) {
        r.id = oldest.id;
        o = statement_run(t, &log_in_statements[TRIM], &r, NULL);
    }
    if (o == MISSING)
        o = DONE;
    return o == DONE ? statement_run(t, &log_in_statements[SWEEP], &r, NULL) : o;
}

enum outcome store_log_ins_of(struct task *t, struct text account, struct text username, struct rows *out)
{
    struct row by = { .account = account, .username = username, .kept = LOG_INS_KEPT };

    return statement_all(t, &log_in_statements[OF_ONE], &by, out);
}
