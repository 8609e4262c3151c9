/* server/store/log_in.c */
#include "store/log_in.h"

#include "store/statements.h"

struct row {
    struct text account, username;
    struct text protocol, source, user_agent;
    int64_t id, kept, days, app_password, seconds, refused_max;
    bool success;
};
static const struct field row_fields[] = {
    COLUMN(struct row, account), COLUMN(struct row, username), COLUMN(struct row, source),  COLUMN(struct row, user_agent),
    COLUMN(struct row, success), COLUMN(struct row, id),       COLUMN(struct row, kept),    COLUMN(struct row, days),
    COLUMN(struct row, protocol), COLUMN(struct row, app_password), COLUMN(struct row, seconds),
    COLUMN(struct row, refused_max),
};
static const struct shape row_shape = SHAPE(struct row, "LogInRow", row_fields);

#define LATELY \
    " FROM postreeve_log_in l WHERE l.account = 'mailbox' AND l.username = m.username AND l.at > NOW() - INTERVAL :seconds SECOND"

enum { INSERT, OLDEST_KEPT, TRIM, SWEEP, OF_ONE, IS_NEWS };
const struct statement log_in_statements[] = {
    [INSERT] = { "log_in.insert",
                 "INSERT INTO postreeve_log_in (account, username, at, source, agent, success, protocol, app_password)"
                 " VALUES (:account, :username, NOW(), :source, :user_agent, :success, :protocol, :app_password)",
                 &row_shape, NULL },
    [OLDEST_KEPT] = { "log_in.oldest_kept",
                      "SELECT l.id FROM postreeve_log_in l WHERE l.account = :account AND l.username = :username"
                      " AND l.success = :success ORDER BY l.id DESC LIMIT 1 OFFSET :kept",
                      &row_shape, &row_shape },
    [TRIM] = { "log_in.trim",
               "DELETE FROM postreeve_log_in WHERE account = :account AND username = :username AND success = :success"
               " AND id <= :id",
               &row_shape, NULL },
    [SWEEP] = { "log_in.sweep", "DELETE FROM postreeve_log_in WHERE at < NOW() - INTERVAL :days DAY LIMIT 1000", &row_shape,
                NULL },
    [OF_ONE] = { "log_in.of_one",
                 "SELECT UNIX_TIMESTAMP(l.at) AS at, l.protocol, l.source, l.agent AS user_agent, l.success,"
                 " COALESCE(x.description, '') AS program FROM postreeve_log_in l"
                 " LEFT JOIN mailbox_app_password x ON x.id = l.app_password AND x.username = l.username"
                 " WHERE l.account = :account AND l.username = :username ORDER BY l.id DESC LIMIT :kept",
                 &row_shape, &log_in_shape },
    [IS_NEWS] = { "log_in.is_news",
                  "SELECT m.username AS username FROM mailbox m WHERE m.username = :username"
                  " AND NOT EXISTS (SELECT 1" LATELY " AND l.source = :source AND l.protocol = :protocol"
                  " AND l.success = :success AND l.app_password = :app_password)"
                  " AND (:success = 1 OR (SELECT COUNT(*)" LATELY " AND l.success = 0) < :refused_max)",
                  &row_shape, &row_shape },
    { 0 },
};

enum outcome store_log_in_add(struct task *t, struct text account, struct text username, const struct log_in *l)
{
    struct row r = { .account = account, .username = username, .protocol = l->protocol, .source = l->source,
                     .user_agent = l->user_agent, .success = l->success, .app_password = l->app_password,
                     .kept = LOG_INS_KEPT, .days = LOG_IN_DAYS };
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

enum outcome store_log_in_is_news(struct task *t, struct text address, const struct log_in *l,
                                  const struct log_in_bounds *bounds)
{
    struct row r = { .username = address, .protocol = l->protocol, .source = l->source, .success = l->success,
                     .app_password = l->app_password, .seconds = bounds->seconds, .refused_max = bounds->refused_max };
    struct row found = { 0 };

    return statement_one(t, &log_in_statements[IS_NEWS], &r, &found);
}

enum outcome store_log_ins_of(struct task *t, struct text account, struct text username, struct rows *out)
{
    struct row by = { .account = account, .username = username, .kept = 2 * LOG_INS_KEPT };

    return statement_all(t, &log_in_statements[OF_ONE], &by, out);
}
