/* server/store/app_password.c */
#include "store/app_password.h"

#include "store/statements.h"

static const struct field row_fields[] = {
    FIELD(struct app_password, id, .flags = KEY),   COLUMN(struct app_password, address),
    COLUMN(struct app_password, description),       COLUMN(struct app_password, created),
    COLUMN(struct app_password, last_used),         COLUMN(struct app_password, last_source),
    COLUMN(struct app_password, hash),              COLUMN(struct app_password, selector),
};
static const struct shape row_shape = SHAPE(struct app_password, "AppPasswordRow", row_fields);

#define ROW                                                                                                   \
    "x.id, x.username AS address, COALESCE(x.description, '') AS description, UNIX_TIMESTAMP(x.created) AS created, " \
    "UNIX_TIMESTAMP(x.last_used) AS last_used, x.last_source"

enum { FIND, LOCK, OF_ONE, INSERT, DELETE, USED };
const struct statement app_password_statements[] = {
    [FIND] = { "app_password.find", "SELECT " ROW " FROM mailbox_app_password x WHERE x.id = :id", &row_shape, &row_shape },
    [LOCK] = { "app_password.lock", "SELECT " ROW " FROM mailbox_app_password x WHERE x.id = :id FOR UPDATE", &row_shape,
               &row_shape },
    [OF_ONE] = { "app_password.of_one",
                 "SELECT " ROW " FROM mailbox_app_password x WHERE x.username = :address ORDER BY x.id", &row_shape,
                 &row_shape },
    [INSERT] = { "app_password.insert",
                 "INSERT INTO mailbox_app_password (username, description, password_hash, selector, created)"
                 " VALUES (:address, :description, :hash, :selector, NOW())",
                 &row_shape, NULL },
    [DELETE] = { "app_password.delete", "DELETE FROM mailbox_app_password WHERE id = :id", &row_shape, NULL },
    [USED] = { "app_password.used",
               "UPDATE mailbox_app_password SET last_used = NOW(), last_source = :last_source"
               " WHERE id = :id AND username = :address",
               &row_shape, NULL },
    { 0 },
};

/* Accounts that outrank a domain admin are not in that admin's lists. */
static const struct sort sorts[] = { { "address", "x.username" }, { "created", "UNIX_TIMESTAMP(x.created)" } };
const struct listing app_password_listing = {
    "app_password.list", ROW, "mailbox_app_password x JOIN mailbox m ON m.username = x.username", NULL, "m.domain",
    "NOT EXISTS (SELECT 1 FROM admin s WHERE s.username = m.username AND s.superadmin = 1)",
    "x.username LIKE :search OR x.description COLLATE utf8mb4_unicode_ci LIKE :search", "x.username LIKE :spelled", "x.id",
    sorts, COUNT(sorts), &row_shape, NULL, NULL,
};

enum outcome store_app_password_find(struct task *t, int64_t id, struct app_password *out)
{
    struct app_password key = { .id = id };

    return statement_one(t, &app_password_statements[FIND], &key, out);
}

enum outcome store_app_password_lock(struct task *t, int64_t id, struct app_password *out)
{
    struct app_password key = { .id = id };

    return statement_one(t, &app_password_statements[LOCK], &key, out);
}

enum outcome store_app_passwords_of(struct task *t, struct text address, struct rows *out)
{
    struct app_password key = { .address = address };

    return statement_all(t, &app_password_statements[OF_ONE], &key, out);
}

enum outcome store_app_password_insert(struct task *t, struct app_password *a)
{
    enum outcome o = statement_run(t, &app_password_statements[INSERT], a, NULL);

    if (o == DONE)
        a->id = statement_new_number(t);
    return o;
}

enum outcome store_app_password_used(struct task *t, int64_t id, struct text address, struct text source)
{
    struct app_password it = { .id = id, .address = address, .last_source = source };

    return statement_run(t, &app_password_statements[USED], &it, NULL);
}

enum outcome store_app_password_delete(struct task *t, int64_t id)
{
    struct app_password key = { .id = id };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &app_password_statements[DELETE], &key, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}
