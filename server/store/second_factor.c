/* server/store/second_factor.c */
#include "store/second_factor.h"

#include "store/statements.h"

struct row { /* of any of the statements here */
    struct text account, username, offered, digest, secret;
    int64_t last_step, step, recovery_codes, seconds;
};
static const struct field fields[] = {
    COLUMN(struct row, account),   COLUMN(struct row, username), COLUMN(struct row, offered),
    COLUMN(struct row, digest),    COLUMN(struct row, secret),   COLUMN(struct row, last_step),
    COLUMN(struct row, step),      COLUMN(struct row, seconds),  COLUMN(struct row, recovery_codes),
};
static const struct shape shape = SHAPE(struct row, "SecondFactorRow", fields);

#define ITS "account = :account AND username = :username"
#define OFFERED "IF(f.offered_at > NOW() - INTERVAL :seconds SECOND, f.offered, NULL) AS offered"

enum {
    TOUCH, LOCK, FIND, COUNT_CODES, USE, OFFER, SET_ADMIN, SET_MAILBOX, NO_OFFER, CODE_INSERT, CODE_USE, CODES_DELETE, DELETE,
    LOG_INS_DELETE, RESETS_DELETE
};
const struct statement second_factor_statements[] = {
    /* Locks the row, also when it was there: two of the same account take turns from here on. */
    [TOUCH] = { "second_factor.touch",
                "INSERT INTO postreeve_second_factor (account, username) VALUES (:account, :username)"
                " ON DUPLICATE KEY UPDATE last_step = last_step",
                &shape, NULL },
    [LOCK] = { "second_factor.lock",
               "SELECT f.last_step, " OFFERED " FROM postreeve_second_factor f WHERE f." ITS " FOR UPDATE", &shape, &shape },
    [FIND] = { "second_factor.find",
               "SELECT f.last_step, " OFFERED " FROM postreeve_second_factor f WHERE f." ITS, &shape, &shape },
    [COUNT_CODES] = { "second_factor.count_codes",
                      "SELECT COUNT(*) AS recovery_codes FROM postreeve_recovery_code WHERE " ITS, &shape, &shape },
    [USE] = { "second_factor.use",
              "UPDATE postreeve_second_factor SET last_step = :step WHERE " ITS " AND last_step < :step", &shape, NULL },
    [OFFER] = { "second_factor.offer",
                "UPDATE postreeve_second_factor SET offered = :offered, offered_at = NOW(), last_step = -1 WHERE " ITS,
                &shape, NULL },
    [SET_ADMIN] = { "second_factor.set_admin", "UPDATE admin SET totp_secret = :secret WHERE username = :username", &shape,
                    NULL },
    [SET_MAILBOX] = { "second_factor.set_mailbox", "UPDATE mailbox SET totp_secret = :secret WHERE username = :username",
                      &shape, NULL },
    [NO_OFFER] = { "second_factor.no_offer",
                   "UPDATE postreeve_second_factor SET offered = NULL, offered_at = NULL WHERE " ITS, &shape, NULL },
    [CODE_INSERT] = { "recovery_code.insert",
                      "INSERT INTO postreeve_recovery_code (account, username, digest)"
                      " VALUES (:account, :username, :digest)",
                      &shape, NULL },
    [CODE_USE] = { "recovery_code.use", "DELETE FROM postreeve_recovery_code WHERE " ITS " AND digest = :digest", &shape,
                   NULL },
    [CODES_DELETE] = { "recovery_code.delete", "DELETE FROM postreeve_recovery_code WHERE " ITS, &shape, NULL },
    [DELETE] = { "second_factor.delete", "DELETE FROM postreeve_second_factor WHERE " ITS, &shape, NULL },
    [LOG_INS_DELETE] = { "log_in.delete", "DELETE FROM postreeve_log_in WHERE " ITS, &shape, NULL },
    [RESETS_DELETE] = { "password_reset.delete", "DELETE FROM postreeve_password_reset WHERE " ITS, &shape, NULL },
    { 0 },
};

static struct row row_of(const struct factor_row *of)
{
    return (struct row){ .account = of->account, .username = of->username, .seconds = OFFER_SECONDS };
}

static enum outcome run(struct task *t, int which, const struct row *r, bool *won)
{
    int64_t changed = 0;
    enum outcome o = statement_run(t, &second_factor_statements[which], r, &changed);

    if (won)
        *won = o == DONE && changed == 1;
    return o;
}

static enum outcome read(struct task *t, int which, const struct factor_row *of, struct factor_row *out)
{
    struct row by = row_of(of), found = { .last_step = -1 }, codes = { 0 };
    enum outcome o = statement_one(t, &second_factor_statements[which], &by, &found);

    if (o == DONE || o == MISSING)
        o = statement_one(t, &second_factor_statements[COUNT_CODES], &by, &codes);
    *out = (struct factor_row){ .account = of->account, .username = of->username, .last_step = found.last_step,
                                .offered = found.offered, .recovery_codes = codes.recovery_codes };
    return o;
}

enum outcome store_factor_find(struct task *t, const struct factor_row *of, struct factor_row *out)
{
    return read(t, FIND, of, out);
}

enum outcome store_factor_lock(struct task *t, const struct factor_row *of, struct factor_row *out)
{
    struct row r = row_of(of);
    enum outcome o = run(t, TOUCH, &r, NULL);

    return o == DONE ? read(t, LOCK, of, out) : o;
}

enum outcome store_factor_use(struct task *t, const struct factor_row *of, int64_t step, bool *won)
{
    struct row r = row_of(of);

    r.step = step;
    return run(t, USE, &r, won);
}

enum outcome store_factor_offer(struct task *t, const struct factor_row *of, struct text sealed)
{
    struct row r = row_of(of);

    r.offered = sealed;
    return run(t, OFFER, &r, NULL);
}

enum outcome store_factor_set(struct task *t, const struct factor_row *of, struct text sealed)
{
    struct row r = row_of(of);
    bool is_admin = text_equal(of->account, TEXT("admin"));
    enum outcome o;

    r.secret = sealed;
    o = run(t, is_admin ? SET_ADMIN : SET_MAILBOX, &r, NULL);
    return o == DONE ? run(t, NO_OFFER, &r, NULL) : o;
}

enum outcome store_recovery_code_insert(struct task *t, const struct factor_row *of, struct text digest)
{
    struct row r = row_of(of);

    r.digest = digest;
    return run(t, CODE_INSERT, &r, NULL);
}

enum outcome store_recovery_code_use(struct task *t, const struct factor_row *of, struct text digest, bool *won)
{
    struct row r = row_of(of);

    r.digest = digest;
    return run(t, CODE_USE, &r, won);
}

enum outcome store_recovery_codes_delete(struct task *t, const struct factor_row *of)
{
    struct row r = row_of(of);

    return run(t, CODES_DELETE, &r, NULL);
}

enum outcome store_account_forget(struct task *t, const char *account, struct text username)
{
    struct row r = { .account = text_of(account), .username = username };
    enum outcome o = DONE;

    for (int which = CODES_DELETE; o == DONE && which <= RESETS_DELETE; which++)
        o = run(t, which, &r, NULL);
    return o;
}
