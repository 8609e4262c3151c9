/* server/store/mailbox.c */
#include "store/mailbox.h"

#include "model/address.h"
#include "model/password.h"
#include "store/second_factor.h"
#include "store/statements.h"

/* What the database gives of a mailbox, beyond what the edges may see. */
static const struct field row_fields[] = {
    COLUMN(struct mailbox, address),     COLUMN(struct mailbox, local_part),      COLUMN(struct mailbox, domain),
    COLUMN(struct mailbox, quota_bytes), COLUMN(struct mailbox, display_name),    COLUMN(struct mailbox, active),
    COLUMN(struct mailbox, maildir),     COLUMN(struct mailbox, stored_password), COLUMN(struct mailbox, goto_list),
    COLUMN(struct mailbox, usage_bytes), COLUMN(struct mailbox, usage_messages),  COLUMN(struct mailbox, created),
    COLUMN(struct mailbox, modified),    COLUMN(struct mailbox, smtp_active),     COLUMN(struct mailbox, recovery_address),
    COLUMN(struct mailbox, frozen),      COLUMN(struct mailbox, password_expires),
    COLUMN(struct mailbox, second_factor), COLUMN(struct mailbox, stamp), COLUMN(struct mailbox, password_days),
};
static const struct shape row_shape = SHAPE(struct mailbox, "MailboxRow", row_fields);

/* A lock lies in the stored value itself, where every reader of the table meets it (model/password.h). Whatever writes a
 * password leaves it there; only thawing takes it off. */
#define IS_LOCKED(column) "LEFT(" column ", 8) = '" LOCKED_PREFIX "'"
#define KEEP_LOCK                                                                                                \
    "IF(" IS_LOCKED("password") " AND NOT " IS_LOCKED(":stored_password") ", CONCAT('" LOCKED_PREFIX             \
    "', :stored_password), :stored_password)"
_Static_assert(sizeof LOCKED_PREFIX - 1 == 8, "IS_LOCKED counts the prefix's characters");

/* From now on; NULL where passwords are for ever. */
#define EXPIRES(domain)                                                                                          \
    "(SELECT NOW() + INTERVAL e.password_expiry DAY FROM domain e WHERE e.domain = " domain                      \
    " AND e.password_expiry > 0)"

#define STAMP "COALESCE(CAST(:stamp AS DATETIME), NOW())"

#define COLUMNS                                                                                                  \
    "m.username AS address, m.local_part, m.domain, m.quota AS quota_bytes, m.name AS display_name, m.active, "  \
    "m.maildir, m.password AS stored_password, a.goto AS goto_list, COALESCE(q.bytes, 0) AS usage_bytes, "       \
    "COALESCE(q.messages, 0) AS usage_messages, UNIX_TIMESTAMP(m.created) AS created, "                          \
    "UNIX_TIMESTAMP(m.modified) AS modified, m.smtp_active, m.email_other AS recovery_address, "                 \
    IS_LOCKED("m.password") " AS frozen, m.second_factor, "
#define ROW                                                                                                      \
    COLUMNS "(SELECT GREATEST(UNIX_TIMESTAMP(m.password_expiry), 1) FROM domain e"                               \
    " WHERE e.domain = m.domain AND e.password_expiry > 0) AS password_expires"
/* The same of one row, an eighth faster: but a lock would be the domain's, too, and a list is found another way. */
#define ONE_ROW COLUMNS "IF(e.password_expiry > 0, GREATEST(UNIX_TIMESTAMP(m.password_expiry), 1), NULL) AS password_expires"
#define JOINS " LEFT JOIN alias a ON a.address = m.username LEFT JOIN quota2 q ON q.username = m.username"
#define FROM "mailbox m" JOINS

enum {
    FIND, LOCK, INSERT, INSERT_FORWARD, UPDATE, UPDATE_FORWARD, SET_PASSWORD, DELETE, DELETE_FORWARD, DELETE_USAGE,
    DELETE_OLD_USAGE, DELETE_VACATION, DELETE_APP_PASSWORDS, DELETE_EXCEPTIONS, DELETE_SENDER_LOGINS,
    DELETE_FETCHMAIL,
    LOCK_PASSWORD, LOCK_APP_PASSWORDS, UNLOCK_PASSWORD, UNLOCK_APP_PASSWORDS,
};
const struct statement mailbox_statements[] = {
    [FIND] = { "mailbox.find", "SELECT " ONE_ROW " FROM " FROM " LEFT JOIN domain e ON e.domain = m.domain"
               " WHERE m.username = :address", &row_shape, &row_shape },
    [LOCK] = { "mailbox.lock", "SELECT " ROW " FROM " FROM " WHERE m.username = :address FOR UPDATE", &row_shape,
               &row_shape },
    [INSERT] = { "mailbox.insert",
                 "INSERT INTO mailbox (username, password, name, maildir, quota, local_part, domain, active, smtp_active,"
                 " email_other, password_expiry, created, modified) VALUES (:address, :stored_password, :display_name, :maildir,"
                 " :quota_bytes, :local_part, :domain, :active, :smtp_active, COALESCE(:recovery_address, ''),"
                 " IF(:password_days > 0, " STAMP " + INTERVAL :password_days DAY, '2000-01-01'), " STAMP ", " STAMP ")",
                 &row_shape, NULL },
    [INSERT_FORWARD] = { "mailbox.insert_forward",
                         "INSERT INTO alias (address, goto, domain, active, created, modified)"
                         " VALUES (:address, :goto_list, :domain, :active, " STAMP ", " STAMP ")",
                         &row_shape, NULL },
    [UPDATE] = { "mailbox.update",
                 "UPDATE mailbox SET password_expiry = IF(password = " KEEP_LOCK ", password_expiry,"
                 " COALESCE(" EXPIRES("mailbox.domain") ", password_expiry)), password = " KEEP_LOCK ", name = :display_name, quota = :quota_bytes,"
                 " active = :active, smtp_active = :smtp_active, email_other = COALESCE(:recovery_address, ''), modified = NOW()"
                 " WHERE username = :address",
                 &row_shape, NULL },
    /* A foreign database may lack the row: then it is made. */
    [UPDATE_FORWARD] = { "mailbox.update_forward",
                         "INSERT INTO alias (address, goto, domain, active, created, modified)"
                         " VALUES (:address, :goto_list, :domain, :active, NOW(), NOW())"
                         " ON DUPLICATE KEY UPDATE goto = VALUES(goto), active = VALUES(active), modified = NOW()",
                         &row_shape, NULL },
    [SET_PASSWORD] = { "mailbox.set_password",
                       "UPDATE mailbox SET password_expiry = COALESCE(" EXPIRES("mailbox.domain") ", password_expiry),"
                       " password = " KEEP_LOCK ", modified = NOW() WHERE username = :address",
                       &row_shape, NULL },
    [DELETE] = { "mailbox.delete", "DELETE FROM mailbox WHERE username = :address", &row_shape, NULL },
    [DELETE_FORWARD] = { "mailbox.delete_forward", "DELETE FROM alias WHERE address = :address", &row_shape, NULL },
    [DELETE_USAGE] = { "mailbox.delete_usage", "DELETE FROM quota2 WHERE username = :address", &row_shape, NULL },
    [DELETE_OLD_USAGE] = { "mailbox.delete_old_usage", "DELETE FROM quota WHERE username = :address", &row_shape,
                           NULL },
    [DELETE_VACATION] = { "mailbox.delete_vacation", "DELETE FROM vacation WHERE email = :address", &row_shape, NULL },
    [DELETE_APP_PASSWORDS] = { "mailbox.delete_app_passwords",
                               "DELETE FROM mailbox_app_password WHERE username = :address", &row_shape, NULL },
    [DELETE_EXCEPTIONS] = { "mailbox.delete_exceptions",
                            "DELETE FROM totp_exception_address WHERE username = :address", &row_shape, NULL },
    [DELETE_SENDER_LOGINS] = { "mailbox.delete_sender_logins",
                               "DELETE FROM postreeve_sender_login WHERE login = :address", &row_shape, NULL },
    [DELETE_FETCHMAIL] = { "mailbox.delete_fetchmail", "DELETE FROM fetchmail WHERE mailbox = :address", &row_shape,
                           NULL },
    [LOCK_PASSWORD] = { "mailbox.lock_password",
                        "UPDATE mailbox SET password = CONCAT('" LOCKED_PREFIX "', password), modified = NOW()"
                        " WHERE username = :address AND NOT " IS_LOCKED("password"),
                        &row_shape, NULL },
    [LOCK_APP_PASSWORDS] = { "mailbox.lock_app_passwords",
                             "UPDATE mailbox_app_password SET password_hash = CONCAT('" LOCKED_PREFIX "', password_hash)"
                             " WHERE username = :address AND NOT " IS_LOCKED("password_hash"),
                             &row_shape, NULL },
    [UNLOCK_PASSWORD] = { "mailbox.unlock_password",
                          "UPDATE mailbox SET password = SUBSTRING(password, 9), modified = NOW()"
                          " WHERE username = :address AND " IS_LOCKED("password"),
                          &row_shape, NULL },
    [UNLOCK_APP_PASSWORDS] = { "mailbox.unlock_app_passwords",
                               "UPDATE mailbox_app_password SET password_hash = SUBSTRING(password_hash, 9)"
                               " WHERE username = :address AND " IS_LOCKED("password_hash"),
                               &row_shape, NULL },
    { 0 },
};

/* Accounts that outrank a domain admin are not in that admin's lists, by no search, sort or count. */
#define NOT_SUPER(address) \
    "NOT EXISTS (SELECT 1 FROM admin s WHERE s.username = " address " AND s.superadmin = 1)"
#define THE_SUPER(address) " JOIN admin s ON s.username = " address " AND s.superadmin = 1"

static const struct sort mailbox_sorts[] = {
    { "address", "m.username" },
    { "display_name", "m.postreeve_name" },
    { "usage_bytes", "COALESCE(q.bytes, 0)" },
    { "quota_bytes", "m.quota" },
    { "modified", "UNIX_TIMESTAMP(m.modified)" },
};

static const struct field listed_fields[] = {
    FIELD(struct mailbox, address, .flags = KEY), COLUMN(struct mailbox, local_part),
    COLUMN(struct mailbox, domain),                COLUMN(struct mailbox, quota_bytes),
    COLUMN(struct mailbox, display_name),          COLUMN(struct mailbox, active),
    COLUMN(struct mailbox, maildir),               COLUMN(struct mailbox, stored_password),
    COLUMN(struct mailbox, goto_list),             COLUMN(struct mailbox, usage_bytes),
    COLUMN(struct mailbox, usage_messages),        COLUMN(struct mailbox, created),
    COLUMN(struct mailbox, modified),              COLUMN(struct mailbox, smtp_active),
    COLUMN(struct mailbox, recovery_address),      COLUMN(struct mailbox, frozen),
    COLUMN(struct mailbox, password_expires),
    COLUMN(struct mailbox, second_factor),
};
static const struct shape listed_shape = SHAPE(struct mailbox, "MailboxRow", listed_fields);

static const struct filter mailbox_filters[] = { { "active", "m.active = :active" }, { 0 } };
/* sql/migrations/0008-list-indexes.sql says what postreeve_search is. */
#define WEIGHTS(value) "LOCATE(WEIGHT_STRING(" value " COLLATE utf8mb4_unicode_ci), m.postreeve_search)"
static const char *const mailbox_indexes[] = { "postreeve_search", "postreeve_name", NULL, "postreeve_quota", NULL };
static const struct shortcut mailbox_shortcut = {
    JOINS, mailbox_indexes, "postreeve_search", "domain", WEIGHTS(":plain") " OR LENGTH(m.postreeve_search) = 1024",
    WEIGHTS(":spelled_plain"), THE_SUPER("m.username"), NULL,
};
_Static_assert(COUNT(mailbox_indexes) == COUNT(mailbox_sorts), "an index, or none, for each sort");

const struct listing mailbox_listing = {
    "mailbox.list", ROW, "mailbox m", NULL, "m.domain", NOT_SUPER("m.username"),
    "m.username LIKE :search OR m.name COLLATE utf8mb4_unicode_ci LIKE :search", "m.username LIKE :spelled",
    "m.username", mailbox_sorts, COUNT(mailbox_sorts), &listed_shape, mailbox_filters, &mailbox_shortcut,
};

enum outcome store_mailbox_find(struct task *t, struct text address, struct mailbox *out)
{
    struct mailbox key = { .address = address };
    enum outcome o = statement_one(t, &mailbox_statements[FIND], &key, out);

    if (o == DONE)
        mailbox_read_goto(t, out);
    return o;
}

enum outcome store_mailbox_lock(struct task *t, struct text address, struct mailbox *out)
{
    struct mailbox key = { .address = address };
    enum outcome o = statement_one(t, &mailbox_statements[LOCK], &key, out);

    if (o == DONE)
        mailbox_read_goto(t, out);
    return o;
}

enum outcome store_mailbox_page(struct task *t, const struct page *page, const struct scope *scope, struct list *out)
{
    enum outcome o = listing_page(t, &mailbox_listing, page, scope, out);
    struct mailbox *items = out->rows.items;

    for (size_t i = 0; o == DONE && i < out->rows.count; i++)
        mailbox_read_goto(t, &items[i]);
    out->shape = &mailbox_shape;
    return o;
}

enum outcome store_mailbox_insert(struct task *t, const struct mailbox *m)
{
    enum outcome o = statement_run(t, &mailbox_statements[INSERT_FORWARD], m, NULL);

    return o == DONE ? statement_run(t, &mailbox_statements[INSERT], m, NULL) : o;
}

enum outcome store_mailbox_update(struct task *t, const struct mailbox *m)
{
    enum outcome o = statement_run(t, &mailbox_statements[UPDATE], m, NULL);

    return o == DONE ? statement_run(t, &mailbox_statements[UPDATE_FORWARD], m, NULL) : o;
}

enum outcome store_mailbox_set_password(struct task *t, struct text address, struct text hash)
{
    struct mailbox m = { .address = address, .stored_password = hash };
    int64_t found = 0;
    enum outcome o = statement_run(t, &mailbox_statements[SET_PASSWORD], &m, &found);

    return o == DONE && found == 0 ? MISSING : o;
}

enum outcome store_mailbox_sweep(struct task *t, struct text address)
{
    struct mailbox m = { .address = address };
    enum outcome o = DONE;

    for (int i = DELETE_USAGE; o == DONE && i <= DELETE_FETCHMAIL; i++)
        o = statement_run(t, &mailbox_statements[i], &m, NULL);
    return o == DONE ? store_account_forget(t, "mailbox", address) : o;
}

enum outcome store_mailbox_delete(struct task *t, struct text address)
{
    struct mailbox m = { .address = address };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &mailbox_statements[DELETE], &m, &gone);

    if (o == DONE && gone == 0)
        return MISSING;
    if (o == DONE)
        o = statement_run(t, &mailbox_statements[DELETE_FORWARD], &m, NULL);
    return o == DONE ? store_mailbox_sweep(t, address) : o;
}

static enum outcome run_both(struct task *t, int first, struct text address)
{
    struct mailbox m = { .address = address };
    enum outcome o = statement_run(t, &mailbox_statements[first], &m, NULL);

    return o == DONE ? statement_run(t, &mailbox_statements[first + 1], &m, NULL) : o;
}

enum outcome store_mailbox_freeze(struct task *t, struct text address)
{
    return run_both(t, LOCK_PASSWORD, address);
}

enum outcome store_mailbox_thaw(struct task *t, struct text address)
{
    return run_both(t, UNLOCK_PASSWORD, address);
}

#define ALIAS_ROW                                                                                        \
    "x.address, x.goto AS destinations, x.description, x.active, x.answers_until AS until, x.domain, "   \
    "UNIX_TIMESTAMP(x.created) AS created, UNIX_TIMESTAMP(x.modified) AS modified"
#define NO_MAILBOX "NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.username = x.address)"

static const struct field alias_row_fields[] = {
    FIELD(struct alias, address, .flags = KEY), COLUMN(struct alias, destinations), COLUMN(struct alias, description),
    COLUMN(struct alias, active),                COLUMN(struct alias, domain),       COLUMN(struct alias, created),
    COLUMN(struct alias, modified),              COLUMN(struct alias, until),        COLUMN(struct alias, stamp),
};
static const struct shape alias_row_shape = SHAPE(struct alias, "AliasRow", alias_row_fields);

#define LEADS_TO(destination)                                                                                   \
    "INSTR(CONCAT(',', a.goto, ','), CONCAT(',', " destination ", ',')) > 0 AND a.active = 1"                     \
    " AND COALESCE(a.answers_until > UNIX_TIMESTAMP(), 1)"                                                       \
    " AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.username = a.address)"

enum { ALIAS_FIND, ALIAS_LOCK, ALIAS_INSERT, ALIAS_UPDATE, ALIAS_DELETE, DESTINATIONS, LEADING };
const struct statement alias_statements[] = {
    [ALIAS_FIND] = { "alias.find", "SELECT " ALIAS_ROW " FROM alias x WHERE x.address = :address AND " NO_MAILBOX,
                     &alias_row_shape, &alias_row_shape },
    [ALIAS_LOCK] = { "alias.lock",
                     "SELECT " ALIAS_ROW " FROM alias x WHERE x.address = :address AND " NO_MAILBOX " FOR UPDATE",
                     &alias_row_shape, &alias_row_shape },
    [ALIAS_INSERT] = { "alias.insert",
                       "INSERT INTO alias (address, goto, domain, description, active, answers_until, created, modified)"
                       " SELECT :address, :destinations, :domain, :description, :active, :until, " STAMP ", " STAMP " FROM DUAL"
                       " WHERE NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.username = :address)",
                       &alias_row_shape, NULL },
    [ALIAS_UPDATE] = { "alias.update",
                       "UPDATE alias SET goto = :destinations, description = :description, active = :active,"
                       " answers_until = :until, modified = NOW() WHERE address = :address",
                       &alias_row_shape, NULL },
    [ALIAS_DELETE] = { "alias.delete", "DELETE FROM alias WHERE address = :address", &alias_row_shape, NULL },
    [DESTINATIONS] = { "alias.destinations",
                       "SELECT x.goto AS destinations FROM alias x WHERE x.address = :address AND x.active = 1"
                       " AND COALESCE(x.answers_until > UNIX_TIMESTAMP(), 1)",
                       &alias_row_shape, &alias_row_shape },
    /* UNION drops what is there already, which also ends circles. The first comma is before the first of the list. */
    [LEADING] = { "alias.leading",
                  "WITH RECURSIVE x (address) AS (SELECT a.address FROM alias a WHERE a.domain = :domain AND " LEADS_TO(":description")
                  " UNION SELECT a.address FROM x JOIN alias a ON a.domain = :domain AND " LEADS_TO("x.address") ")"
                  " SELECT x.address FROM x ORDER BY x.address LIMIT 201",
                  &alias_row_shape, &alias_row_shape },
    { 0 },
};
_Static_assert(LEADING_MAX == 200, "the statement asks for one more");

static const struct sort alias_sorts[] = {
    { "address", "x.address" },
    { "modified", "UNIX_TIMESTAMP(x.modified)" },
};
static const struct filter alias_filters[] = { { "active", "x.active = :active" }, { 0 } };
static const char *const alias_indexes[] = { "domain", NULL };
static const struct shortcut alias_shortcut = { .indexes = alias_indexes, .domain_index = "domain", .not_owned = THE_SUPER("x.address") };
_Static_assert(COUNT(alias_indexes) == COUNT(alias_sorts), "an index, or none, for each sort");

const struct listing alias_listing = {
    "alias.list", ALIAS_ROW, "alias x", NO_MAILBOX, "x.domain", NOT_SUPER("x.address"),
    "x.address LIKE :search OR x.goto LIKE :search OR x.description COLLATE utf8mb4_unicode_ci LIKE :search",
    "x.address LIKE :spelled OR x.goto LIKE :spelled",
    "x.address", alias_sorts, COUNT(alias_sorts), &alias_row_shape, alias_filters, &alias_shortcut,
};

enum outcome store_alias_find(struct task *t, struct text address, struct alias *out)
{
    struct alias key = { .address = address };

    return statement_one(t, &alias_statements[ALIAS_FIND], &key, out);
}

enum outcome store_alias_lock(struct task *t, struct text address, struct alias *out)
{
    struct alias key = { .address = address };

    return statement_one(t, &alias_statements[ALIAS_LOCK], &key, out);
}

enum outcome store_alias_insert(struct task *t, const struct alias *a)
{
    int64_t made = 0;
    enum outcome o = statement_run(t, &alias_statements[ALIAS_INSERT], a, &made);

    return o == DONE && made == 0 ? CONFLICT : o; /* a foreign mailbox that lacks its alias row */
}

enum outcome store_alias_update(struct task *t, const struct alias *a)
{
    return statement_run(t, &alias_statements[ALIAS_UPDATE], a, NULL);
}

enum outcome store_aliases_leading_to(struct task *t, struct text address, struct leading *out)
{
    struct address own = address_split(address);
    struct alias key = { .domain = own.domain, .description = address_quoted(t, &own) };
    struct rows found = { 0 };
    enum outcome o = statement_all(t, &alias_statements[LEADING], &key, &found);
    const struct alias *rows = found.items;
    size_t count = found.count > LEADING_MAX ? LEADING_MAX : found.count;

    *out = (struct leading){ { task_alloc(t, (count + 1) * sizeof *out->aliases.items), count }, found.count <= LEADING_MAX };
    for (size_t i = 0; i < count; i++)
        out->aliases.items[i] = rows[i].address;
    return o;
}

enum outcome store_alias_delete(struct task *t, struct text address)
{
    struct alias a = { .address = address };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &alias_statements[ALIAS_DELETE], &a, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}

enum outcome store_destinations_of(struct task *t, struct text address, struct texts *out)
{
    struct alias a = { .address = address };
    enum outcome o = statement_one(t, &alias_statements[DESTINATIONS], &a, &a);

    *out = a.destinations;
    return o;
}
