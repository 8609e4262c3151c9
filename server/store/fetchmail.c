/* server/store/fetchmail.c */
#include "store/fetchmail.h"

#include "store/statements.h"

/* Column names are Postfix Admin's; ours begin at AS. Its oldest rows lack a domain, and 2000 is its word for never. */
#define ROW                                                                                                       \
    "f.id, f.mailbox, f.src_server AS server, f.src_port AS port, COALESCE(f.protocol, 'AUTO') AS protocol,"      \
    " COALESCE(f.src_auth, 'any') AS authentication, f.src_user AS username,"                                     \
    " f.src_password <> '' AS has_password, f.src_folder AS folder, f.poll_time AS poll_minutes,"                 \
    " f.fetchall AS fetch_all, f.keep, f.usessl AS tls, f.sslcertck AS verify_certificate, f.active,"             \
    " IF(f.date > '2000-01-02', UNIX_TIMESTAMP(f.date), NULL) AS last_run,"                                       \
    " COALESCE(f.returned_text, '') AS last_result,"                                                              \
    " UNIX_TIMESTAMP(f.created) AS created, UNIX_TIMESTAMP(f.modified) AS modified"
#define DOMAIN "SUBSTRING_INDEX(f.mailbox, '@', -1)"
#define IS_DUE "f.date <= NOW() - INTERVAL f.poll_time MINUTE"

static const struct field row_fields[] = {
    FIELD(struct fetchmail, id, .flags = KEY), COLUMN(struct fetchmail, mailbox),
    COLUMN(struct fetchmail, server),          COLUMN(struct fetchmail, port),
    COLUMN(struct fetchmail, protocol),        COLUMN(struct fetchmail, authentication),
    COLUMN(struct fetchmail, username),        COLUMN(struct fetchmail, stored_password),
    COLUMN(struct fetchmail, has_password),    COLUMN(struct fetchmail, folder),
    COLUMN(struct fetchmail, poll_minutes),    COLUMN(struct fetchmail, fetch_all),
    COLUMN(struct fetchmail, keep),            COLUMN(struct fetchmail, tls),
    COLUMN(struct fetchmail, verify_certificate), COLUMN(struct fetchmail, active),
    COLUMN(struct fetchmail, last_run),        COLUMN(struct fetchmail, last_result),
    COLUMN(struct fetchmail, created),         COLUMN(struct fetchmail, modified),
};
static const struct shape row_shape = SHAPE(struct fetchmail, "FetchmailRow", row_fields);

#define FROM_ACTIVE                                                                                  \
    " FROM fetchmail f JOIN mailbox m ON m.username = f.mailbox AND m.active = 1"                    \
    " JOIN domain d ON d.domain = m.domain AND d.active = 1 WHERE f.active = 1"

enum { FIND, LOCK, INSERT, INSERTED, UPDATE, DELETE, DUE, ALL, CLAIM, NOTE };
const struct statement fetchmail_statements[] = {
    [FIND] = { "fetchmail.find", "SELECT " ROW ", f.src_password AS stored_password FROM fetchmail f WHERE f.id = :id",
               &row_shape, &row_shape },
    [LOCK] = { "fetchmail.lock",
               "SELECT " ROW ", f.src_password AS stored_password FROM fetchmail f WHERE f.id = :id FOR UPDATE", &row_shape,
               &row_shape },
    [INSERT] = { "fetchmail.insert",
                 "INSERT INTO fetchmail (mailbox, domain, src_server, src_port, protocol, src_auth, src_user,"
                 " src_password, src_folder, poll_time, fetchall, keep, usessl, sslcertck, active, created, modified)"
                 " VALUES (:mailbox, SUBSTRING_INDEX(:mailbox, '@', -1), :server, :port, :protocol, :authentication,"
                 " :username, '', :folder, :poll_minutes, :fetch_all, :keep, :tls, :verify_certificate, :active, NOW(),"
                 " NOW())",
                 &row_shape, NULL },
    [INSERTED] = { "fetchmail.inserted", "SELECT LAST_INSERT_ID() AS id", NULL, &row_shape },
    [UPDATE] = { "fetchmail.update",
                 "UPDATE fetchmail SET mailbox = :mailbox, domain = SUBSTRING_INDEX(:mailbox, '@', -1),"
                 " src_server = :server, src_port = :port, protocol = :protocol, src_auth = :authentication,"
                 " src_user = :username, src_password = IF(:stored_password IS NULL, src_password, :stored_password),"
                 " src_folder = :folder, poll_time = :poll_minutes, fetchall = :fetch_all, keep = :keep, usessl = :tls,"
                 " sslcertck = :verify_certificate, active = :active, modified = NOW() WHERE id = :id",
                 &row_shape, NULL },
    [DELETE] = { "fetchmail.delete", "DELETE FROM fetchmail WHERE id = :id", &row_shape, NULL },
    [DUE] = { "fetchmail.due",
              "SELECT " ROW ", f.src_password AS stored_password" FROM_ACTIVE " AND " IS_DUE " ORDER BY f.date, f.id",
              NULL, &row_shape },
    [ALL] = { "fetchmail.all", "SELECT " ROW ", f.src_password AS stored_password" FROM_ACTIVE " ORDER BY f.id", NULL,
              &row_shape },
    [CLAIM] = { "fetchmail.claim",
                "UPDATE fetchmail f SET f.date = NOW() WHERE f.id = :id AND f.active = 1 AND " IS_DUE, &row_shape, NULL },
    [NOTE] = { "fetchmail.note", "UPDATE fetchmail SET returned_text = :last_result WHERE id = :id", &row_shape, NULL },
    { 0 },
};

static const struct sort sorts[] = {
    { "mailbox", "f.mailbox" },
    { "server", "f.src_server" },
    { "last_run", "UNIX_TIMESTAMP(f.date)" },
    { "modified", "UNIX_TIMESTAMP(f.modified)" },
};
static const struct filter filters[] = { { "active", "f.active = :active" }, { 0 } };
const struct listing fetchmail_listing = {
    "fetchmail.list", ROW, "fetchmail f", NULL, DOMAIN,
    "NOT EXISTS (SELECT 1 FROM admin u WHERE u.username = f.mailbox AND u.superadmin = 1)",
    "f.mailbox LIKE :search OR f.src_server LIKE :search OR f.src_user COLLATE utf8mb4_unicode_ci LIKE :search",
    "f.mailbox LIKE :spelled OR f.src_server LIKE :spelled", "f.id", sorts, COUNT(sorts), &row_shape, filters, NULL,
};

enum outcome store_fetchmail_find(struct task *t, int64_t id, struct fetchmail *out)
{
    struct fetchmail key = { .id = id };

    return statement_one(t, &fetchmail_statements[FIND], &key, out);
}

enum outcome store_fetchmail_lock(struct task *t, int64_t id, struct fetchmail *out)
{
    struct fetchmail key = { .id = id };

    return statement_one(t, &fetchmail_statements[LOCK], &key, out);
}

enum outcome store_fetchmail_insert(struct task *t, const struct fetchmail *f, int64_t *id)
{
    struct fetchmail made = { 0 };
    enum outcome o = statement_run(t, &fetchmail_statements[INSERT], f, NULL);

    if (o == DONE)
        o = statement_one(t, &fetchmail_statements[INSERTED], NULL, &made);
    *id = made.id;
    return o;
}

enum outcome store_fetchmail_update(struct task *t, const struct fetchmail *f)
{
    return statement_run(t, &fetchmail_statements[UPDATE], f, NULL);
}

enum outcome store_fetchmail_delete(struct task *t, int64_t id)
{
    struct fetchmail key = { .id = id };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &fetchmail_statements[DELETE], &key, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}

enum outcome store_fetchmail_due(struct task *t, bool all, struct rows *out)
{
    return statement_all(t, &fetchmail_statements[all ? ALL : DUE], NULL, out);
}

enum outcome store_fetchmail_claim(struct task *t, int64_t id)
{
    struct fetchmail key = { .id = id };
    int64_t claimed = 0;
    enum outcome o = statement_run(t, &fetchmail_statements[CLAIM], &key, &claimed);

    return o == DONE && claimed == 0 ? MISSING : o;
}

enum outcome store_fetchmail_note(struct task *t, int64_t id, struct text result)
{
    struct fetchmail row = { .id = id, .last_result = result };

    return statement_run(t, &fetchmail_statements[NOTE], &row, NULL);
}
