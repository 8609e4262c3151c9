/* server/store/password_reset.c */
#include "store/password_reset.h"

#include "store/statements.h"

static const struct field reset_fields[] = {
    COLUMN(struct password_reset, digest), COLUMN(struct password_reset, username),
    COLUMN(struct password_reset, account), COLUMN(struct password_reset, minutes),
};
static const struct shape reset_shape = SHAPE(struct password_reset, "PasswordReset", reset_fields);

enum { INSERT, LOCK, DELETE_OF, SWEEP };
const struct statement password_reset_statements[] = {
    [INSERT] = { "password_reset.insert",
                 "INSERT INTO postreeve_password_reset (digest, account, username, created)"
                 " VALUES (:digest, :account, :username, NOW())",
                 &reset_shape, NULL },
    [LOCK] = { "password_reset.lock",
               "SELECT r.digest, r.username, r.account FROM postreeve_password_reset r WHERE r.digest = :digest"
               " AND r.created > NOW() - INTERVAL :minutes MINUTE FOR UPDATE",
               &reset_shape, &reset_shape },
    [DELETE_OF] = { "password_reset.delete_of",
                    "DELETE FROM postreeve_password_reset WHERE account = :account AND username = :username", &reset_shape,
                    NULL },
    [SWEEP] = { "password_reset.sweep",
                "DELETE FROM postreeve_password_reset WHERE created <= NOW() - INTERVAL :minutes MINUTE", &reset_shape,
                NULL },
    { 0 },
};

enum outcome store_reset_insert(struct task *t, const struct password_reset *r)
{
    return statement_run(t, &password_reset_statements[INSERT], r, NULL);
}

enum outcome store_reset_lock(struct task *t, const struct password_reset *by, struct password_reset *out)
{
    return statement_one(t, &password_reset_statements[LOCK], by, out);
}

enum outcome store_reset_delete_of(struct task *t, const struct password_reset *of)
{
    return statement_run(t, &password_reset_statements[DELETE_OF], of, NULL);
}

enum outcome store_reset_sweep(struct task *t, int64_t minutes, int64_t *gone)
{
    struct password_reset r = { .minutes = minutes };

    return statement_run(t, &password_reset_statements[SWEEP], &r, gone);
}
