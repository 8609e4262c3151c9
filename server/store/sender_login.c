/* server/store/sender_login.c */
#include "store/sender_login.h"

#include "store/statements.h"

#define ROW                                                                          \
    "s.id, s.sender, s.login, s.description, s.active, "                             \
    "UNIX_TIMESTAMP(s.created) AS created, UNIX_TIMESTAMP(s.modified) AS modified"
#define DOMAIN_OF(address) "SUBSTRING_INDEX(" address ", '@', -1)"

struct counted {
    struct text sender;
    int64_t id, count;
};
static const struct field counted_fields[] = {
    COLUMN(struct counted, sender), COLUMN(struct counted, id), COLUMN(struct counted, count),
};
static const struct shape counted_shape = SHAPE(struct counted, "Counted", counted_fields);

enum { FIND, LOCK, INSERT, INSERTED, UPDATE, DELETE, COUNT_LOGINS, COUNT_SUPERS, COUNT_KEPT };
const struct statement sender_login_statements[] = {
    [FIND] = { "sender_login.find", "SELECT " ROW " FROM postreeve_sender_login s WHERE s.id = :id", &sender_login_shape,
               &sender_login_shape },
    [LOCK] = { "sender_login.lock", "SELECT " ROW " FROM postreeve_sender_login s WHERE s.id = :id FOR UPDATE",
               &sender_login_shape, &sender_login_shape },
    [INSERT] = { "sender_login.insert",
                 "INSERT INTO postreeve_sender_login (sender, login, domain, login_domain, description, active, created,"
                 " modified) VALUES (:sender, :login, " DOMAIN_OF(":sender") ", " DOMAIN_OF(":login")
                 ", :description, :active, NOW(), NOW())",
                 &sender_login_shape, NULL },
    [INSERTED] = { "sender_login.inserted", "SELECT LAST_INSERT_ID() AS id", NULL, &counted_shape },
    [UPDATE] = { "sender_login.update",
                 "UPDATE postreeve_sender_login SET sender = :sender, login = :login, domain = " DOMAIN_OF(":sender")
                 ", login_domain = " DOMAIN_OF(":login") ", description = :description, active = :active,"
                 " modified = NOW() WHERE id = :id",
                 &sender_login_shape, NULL },
    [DELETE] = { "sender_login.delete", "DELETE FROM postreeve_sender_login WHERE id = :id", &sender_login_shape, NULL },
    [COUNT_LOGINS] = { "sender_login.count",
                       "SELECT COUNT(*) AS count FROM postreeve_sender_login WHERE sender = :sender", &counted_shape,
                       &counted_shape },
    [COUNT_SUPERS] = { "sender_login.count_supers",
                       "SELECT COUNT(*) AS count FROM admin a WHERE a.superadmin = 1 AND " DOMAIN_OF("a.username")
                       " = :sender",
                       &counted_shape, &counted_shape },
    [COUNT_KEPT] = { "sender_login.count_kept",
                     "SELECT COUNT(*) AS count FROM postreeve_image i JOIN postreeve_sender_login s"
                     " ON s.sender = JSON_VALUE(i.content, '$.sender') AND s.login = JSON_VALUE(i.content, '$.login')"
                     " WHERE i.image = :id AND i.part = 'postreeve_sender_login'",
                     &counted_shape, &counted_shape },
    { 0 },
};

/* Both must be theirs: another domain's mailbox is not shown to the admins of the sender's. */
#define LOGIN_OWNED                                                                                          \
    "s.login_domain IN (SELECT dl.domain FROM domain_admins dl WHERE dl.username = :owner AND dl.active = 1)" \
    " AND NOT EXISTS (SELECT 1 FROM admin u WHERE u.username IN (s.sender, s.login) AND u.superadmin = 1)"

static const struct sort sorts[] = {
    { "sender", "s.sender" },
    { "login", "s.login" },
    { "modified", "UNIX_TIMESTAMP(s.modified)" },
};
static const struct filter filters[] = { { "active", "s.active = :active" }, { 0 } };
static const struct shortcut between = { .other_domain = "s.login_domain" };
const struct listing sender_login_listing = {
    "sender_login.list", ROW, "postreeve_sender_login s", NULL, "s.domain", LOGIN_OWNED,
    "s.sender LIKE :search OR s.login LIKE :search OR s.description COLLATE utf8mb4_unicode_ci LIKE :search",
    "s.sender LIKE :spelled OR s.login LIKE :spelled", "s.id", sorts, COUNT(sorts), &sender_login_shape, filters, &between,
};

enum outcome store_sender_login_find(struct task *t, int64_t id, struct sender_login *out)
{
    struct sender_login key = { .id = id };

    return statement_one(t, &sender_login_statements[FIND], &key, out);
}

enum outcome store_sender_login_lock(struct task *t, int64_t id, struct sender_login *out)
{
    struct sender_login key = { .id = id };

    return statement_one(t, &sender_login_statements[LOCK], &key, out);
}

enum outcome store_sender_login_insert(struct task *t, const struct sender_login *s, int64_t *id)
{
    struct counted row = { 0 };
    enum outcome o = statement_run(t, &sender_login_statements[INSERT], s, NULL);

    if (o == DONE)
        o = statement_one(t, &sender_login_statements[INSERTED], NULL, &row);
    *id = row.id;
    return o;
}

enum outcome store_sender_login_update(struct task *t, const struct sender_login *s)
{
    return statement_run(t, &sender_login_statements[UPDATE], s, NULL);
}

enum outcome store_sender_login_delete(struct task *t, int64_t id)
{
    struct sender_login key = { .id = id };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &sender_login_statements[DELETE], &key, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}

enum outcome store_sender_login_count(struct task *t, struct text sender, int64_t *out)
{
    struct counted row = { .sender = sender };
    enum outcome o = statement_one(t, &sender_login_statements[COUNT_LOGINS], &row, &row);

    *out = row.count;
    return o;
}

enum outcome store_sender_login_pair_taken(struct task *t, int64_t image, bool *out)
{
    struct counted row = { .id = image };
    enum outcome o = statement_one(t, &sender_login_statements[COUNT_KEPT], &row, &row);

    *out = row.count > 0;
    return o;
}

enum outcome store_domain_has_super_admin(struct task *t, struct text domain, bool *out)
{
    struct counted row = { .sender = domain };
    enum outcome o = statement_one(t, &sender_login_statements[COUNT_SUPERS], &row, &row);

    *out = row.count > 0;
    return o;
}
