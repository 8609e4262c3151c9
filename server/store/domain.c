/* server/store/domain.c */
#include "store/domain.h"

#include "store/statements.h"
#include "store/turn.h"

/* Column names are Postfix Admin's; ours begin at AS. */
#define EXACT(units, exact)                                                                       \
    "CASE WHEN " units " > 0 AND CEIL(" exact " / @quota_multiplier) = " units " THEN " exact     \
    " WHEN " units " > 0 THEN " units " * @quota_multiplier ELSE " units " END"
#define UNITS(octets) "IF(" octets " > 0, CEIL(" octets " / @quota_multiplier), " octets ")"

#define ROW                                                                                                     \
    "d.domain, d.description, d.active, d.mailboxes AS mailbox_limit, d.aliases AS alias_limit, "               \
    EXACT("d.maxquota", "d.maxquota_bytes") " AS mailbox_quota_max_bytes, "                                     \
    EXACT("d.quota", "d.quota_bytes") " AS quota_bytes, d.transport, d.backupmx AS backup_mx, "                 \
    "COALESCE(d.password_expiry, 0) AS password_expiry_days, "                                                  \
    "UNIX_TIMESTAMP(d.created) AS created, UNIX_TIMESTAMP(d.modified) AS modified"

#define COUNTS                                                                                                  \
    "(SELECT COUNT(*) FROM mailbox m FORCE INDEX (domain) WHERE m.domain = d.domain) AS mailbox_count, "         \
    "(SELECT COUNT(*) FROM alias a FORCE INDEX (domain) WHERE a.domain = d.domain)"                              \
    " - (SELECT COUNT(*) FROM mailbox m FORCE INDEX (domain) JOIN alias a FORCE INDEX (domain)"                 \
    "    ON a.domain = m.domain AND a.address = m.username WHERE m.domain = d.domain) AS alias_count, "                                                                                         \
    "(SELECT COALESCE(SUM(GREATEST(m.quota, 0)), 0) FROM mailbox m FORCE INDEX (postreeve_quota)"               \
    " WHERE m.domain = d.domain) AS quota_given_bytes, "                                                        \
    "(SELECT COALESCE(SUM(q.bytes), 0) FROM mailbox m FORCE INDEX (domain) JOIN quota2 q ON q.username = m.username" \
    " WHERE m.domain = d.domain) AS usage_bytes"

struct room_row {
    struct text domain, but, stamp;
    struct limit mailbox_limit, alias_limit, mailbox_quota_max_bytes, quota_limit;
    int64_t password_expiry_days, mailboxes, aliases, quota_bytes;
    struct moment now;
};

static const struct field room_fields[] = {
    COLUMN(struct room_row, domain),        COLUMN(struct room_row, but),
    COLUMN(struct room_row, mailbox_limit), COLUMN(struct room_row, alias_limit),
    COLUMN(struct room_row, quota_limit),   COLUMN(struct room_row, mailbox_quota_max_bytes),
    COLUMN(struct room_row, mailboxes),     COLUMN(struct room_row, password_expiry_days),
    COLUMN(struct room_row, aliases),       COLUMN(struct room_row, quota_bytes),
    COLUMN(struct room_row, now),           COLUMN(struct room_row, stamp),
};
static const struct shape room_shape = SHAPE(struct room_row, "Room", room_fields);

/* What belongs to the mailboxes of a domain goes with it; the log stays. */
#define OF_ITS_MAILBOXES "IN (SELECT m.username FROM mailbox m WHERE m.domain = :domain)"
#define DELETE_FROM(what, where) { "domain.delete_from_" what, "DELETE FROM " what " WHERE " where, &domain_shape, NULL }

enum {
    FIND, SERVED, EXISTS, LOCK, INSERT, UPDATE, BEGIN_EXPIRY, HOME, MAILBOX_COUNT, MAILBOX_ROOM, ALIAS_ROOM,
    DELETE_FIRST,
};
const struct statement domain_statements[] = {
    [FIND] = { "domain.find", "SELECT " ROW ", " COUNTS " FROM domain d WHERE d.domain = :domain", &domain_shape,
               &domain_shape },
    [SERVED] = { "domain.served",
                 "SELECT d.domain, d.active, d.backupmx AS backup_mx FROM domain d WHERE d.domain = :domain", &domain_shape,
                 &domain_shape },
    [EXISTS] = { "domain.exists", "SELECT d.domain FROM domain d WHERE d.domain = :domain", &domain_shape, &domain_shape },
    [LOCK] = { "domain.lock", "SELECT " ROW " FROM domain d WHERE d.domain = :domain FOR UPDATE", &domain_shape,
               &domain_shape },
    [INSERT] = { "domain.insert",
                 "INSERT INTO domain (domain, description, active, mailboxes, aliases, maxquota, maxquota_bytes,"
                 " quota, quota_bytes, transport, backupmx, password_expiry, created, modified)"
                 " VALUES (:domain, :description, :active, :mailbox_limit, :alias_limit, "
                 UNITS(":mailbox_quota_max_bytes") ", :mailbox_quota_max_bytes, "
                 UNITS(":quota_bytes") ", :quota_bytes, :transport, :backup_mx, :password_expiry_days, NOW(), NOW())",
                 &domain_shape, NULL },
    [UPDATE] = { "domain.update",
                 "UPDATE domain SET description = :description, active = :active, mailboxes = :mailbox_limit,"
                 " aliases = :alias_limit, maxquota = " UNITS(":mailbox_quota_max_bytes")
                 ", maxquota_bytes = :mailbox_quota_max_bytes, quota = " UNITS(":quota_bytes")
                 ", quota_bytes = :quota_bytes, transport = :transport, backupmx = :backup_mx,"
                 " password_expiry = :password_expiry_days, modified = NOW()"
                 " WHERE domain = :domain",
                 &domain_shape, NULL },
    [BEGIN_EXPIRY] = { "domain.begin_expiry",
                       "UPDATE mailbox SET password_expiry = NOW() + INTERVAL :password_expiry_days DAY"
                       " WHERE domain = :domain AND password_expiry <= NOW()",
                       &domain_shape, NULL },
    /* What a new address needs of its domain, with the lock. The cast makes `now` what a column with that stamp gives, also in
     * the hour that a clock put back has twice. */
    [HOME] = { "domain.home",
               "SELECT d.domain, d.mailboxes AS mailbox_limit, d.aliases AS alias_limit, "
               EXACT("d.maxquota", "d.maxquota_bytes") " AS mailbox_quota_max_bytes, "
               EXACT("d.quota", "d.quota_bytes") " AS quota_limit, COALESCE(d.password_expiry, 0) AS password_expiry_days,"
               " UNIX_TIMESTAMP(CAST(NOW() AS DATETIME)) AS now, NOW() AS stamp"
               " FROM domain d WHERE d.domain = :domain FOR UPDATE",
               &room_shape, &room_shape },
    /* Only what has a limit is counted: where there is none, a new mailbox need not wait for the count of 100,000. */
    [MAILBOX_COUNT] = { "domain.mailbox_count",
                        "SELECT COUNT(*) AS mailboxes FROM mailbox m FORCE INDEX (domain)"
                        " WHERE m.domain = :domain AND m.username <> :but",
                        &room_shape, &room_shape },
    [MAILBOX_ROOM] = { "domain.mailbox_room",
                       "SELECT COUNT(*) AS mailboxes, COALESCE(SUM(GREATEST(m.quota, 0)), 0) AS quota_bytes"
                       " FROM mailbox m FORCE INDEX (postreeve_quota) WHERE m.domain = :domain AND m.username <> :but",
                       &room_shape, &room_shape },
    [ALIAS_ROOM] = { "domain.alias_room",
                     "SELECT COUNT(*) AS aliases FROM alias a FORCE INDEX (domain) WHERE a.domain = :domain"
                     " AND a.address <> :but AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.username = a.address)",
                     &room_shape, &room_shape },
    [DELETE_FIRST] = DELETE_FROM("quota2", "username " OF_ITS_MAILBOXES),
    DELETE_FROM("quota", "username " OF_ITS_MAILBOXES),
    DELETE_FROM("mailbox_app_password", "username " OF_ITS_MAILBOXES),
    DELETE_FROM("totp_exception_address", "username = :domain OR username " OF_ITS_MAILBOXES),
    DELETE_FROM("postreeve_session", "account = 'mailbox' AND username " OF_ITS_MAILBOXES),
    DELETE_FROM("postreeve_token", "account = 'mailbox' AND username " OF_ITS_MAILBOXES),
    DELETE_FROM("postreeve_second_factor", "account = 'mailbox' AND username " OF_ITS_MAILBOXES),
    DELETE_FROM("postreeve_recovery_code", "account = 'mailbox' AND username " OF_ITS_MAILBOXES),
    DELETE_FROM("postreeve_log_in", "account = 'mailbox' AND username " OF_ITS_MAILBOXES),
    DELETE_FROM("postreeve_password_reset", "account = 'mailbox' AND username " OF_ITS_MAILBOXES),
    DELETE_FROM("vacation", "domain = :domain"),
    DELETE_FROM("postreeve_sender_login", "domain = :domain OR login_domain = :domain"),
    DELETE_FROM("fetchmail", "domain = :domain OR mailbox " OF_ITS_MAILBOXES), /* older rows name no domain */
    DELETE_FROM("alias", "domain = :domain"),
    DELETE_FROM("mailbox", "domain = :domain"),
    DELETE_FROM("alias_domain", "alias_domain = :domain"),
    DELETE_FROM("domain_admins", "domain = :domain"),
    DELETE_FROM("domain", "domain = :domain"), /* the last */
    { 0 },
};

static const struct sort domain_sorts[] = {
    { "domain", "d.domain" },
    { "modified", "UNIX_TIMESTAMP(d.modified)" },
};
/* 'ALL' is a row that old Postfix Admin databases keep for their super admins; it is no domain. */
static const struct filter domain_filters[] = { { "active", "d.active = :active" }, { 0 } };
const struct listing domain_listing = {
    "domain.list", ROW ", " COUNTS, "domain d", "d.domain <> 'ALL'", "d.domain", NULL,
    "d.domain LIKE :search OR d.description COLLATE utf8mb4_unicode_ci LIKE :search", "d.domain LIKE :spelled",
    "d.domain", domain_sorts,
    COUNT(domain_sorts), &domain_shape, domain_filters, NULL,
};

enum outcome store_domain_find(struct task *t, struct text name, struct domain *out)
{
    struct domain key = { .domain = name };

    return statement_one(t, &domain_statements[FIND], &key, out);
}

enum outcome store_domain_served(struct task *t, struct text name, struct domain *out)
{
    struct domain key = { .domain = name };

    return statement_one(t, &domain_statements[SERVED], &key, out);
}

enum outcome store_domain_exists(struct task *t, struct text name)
{
    struct domain key = { .domain = name };

    return statement_one(t, &domain_statements[EXISTS], &key, &key);
}

enum outcome store_domain_lock(struct task *t, struct text name, struct domain *out)
{
    struct domain key = { .domain = name };
    enum outcome o = turn_take(t, name);

    return o == DONE ? statement_one(t, &domain_statements[LOCK], &key, out) : o;
}

enum outcome store_domain_insert(struct task *t, const struct domain *d)
{
    return statement_run(t, &domain_statements[INSERT], d, NULL);
}

enum outcome store_domain_update(struct task *t, const struct domain *d)
{
    return statement_run(t, &domain_statements[UPDATE], d, NULL);
}

enum outcome store_domain_begin_expiry(struct task *t, const struct domain *d)
{
    return statement_run(t, &domain_statements[BEGIN_EXPIRY], d, NULL);
}

enum outcome store_domain_delete(struct task *t, struct text name)
{
    struct domain key = { .domain = name };
    int64_t gone = 0;
    enum outcome o = DONE;

    for (const struct statement *s = &domain_statements[DELETE_FIRST]; o == DONE && s->name; s++)
        o = statement_run(t, s, &key, &gone);
    return o == DONE && gone == 0 ? MISSING : o;
}

enum outcome store_domain_home(struct task *t, struct text name, struct room_left *out)
{
    struct room_row row = { .domain = name };
    enum outcome o = turn_take(t, name);

    if (o == DONE)
        o = statement_one(t, &domain_statements[HOME], &row, &row);
    *out = (struct room_left){ .home = { .domain = row.domain,
                                         .mailbox_limit = row.mailbox_limit,
                                         .alias_limit = row.alias_limit,
                                         .mailbox_quota_max_bytes = row.mailbox_quota_max_bytes,
                                         .quota_bytes = row.quota_limit,
                                         .password_expiry_days = row.password_expiry_days },
                               .now = row.now, .stamp = row.stamp };
    return o;
}

static const struct statement *count_of(enum room_for what, const struct domain *home)
{
    if (what == ROOM_FOR_ALIAS)
        return home->alias_limit.bounded ? &domain_statements[ALIAS_ROOM] : NULL;
    if (home->quota_bytes.bounded)
        return &domain_statements[MAILBOX_ROOM];
    return home->mailbox_limit.bounded ? &domain_statements[MAILBOX_COUNT] : NULL;
}

enum outcome store_domain_room(struct task *t, struct text but, enum room_for what, struct room_left *left)
{
    struct room_row row = { .domain = left->home.domain, .but = but.at ? but : TEXT("") };
    const struct statement *count = count_of(what, &left->home);
    enum outcome o = count ? statement_one(t, count, &row, &row) : DONE;

    left->other_mailboxes = row.mailboxes;
    left->other_aliases = row.aliases;
    left->other_quota_bytes = row.quota_bytes;
    return o;
}

#define ALIAS_ROW                                                                         \
    "x.alias_domain, x.target_domain, x.description, x.active, "                          \
    "UNIX_TIMESTAMP(x.created) AS created, UNIX_TIMESTAMP(x.modified) AS modified"

struct counted {
    struct text target;
    int64_t count;
};

static const struct field counted_fields[] = { COLUMN(struct counted, target), COLUMN(struct counted, count) };
static const struct shape counted_shape = SHAPE(struct counted, "Counted", counted_fields);

enum { ALIAS_FIND, ALIAS_LOCK, ALIAS_INSERT, ALIAS_UPDATE, ALIAS_DELETE, COUNT_TARGETS };
const struct statement alias_domain_statements[] = {
    [ALIAS_FIND] = { "alias_domain.find", "SELECT " ALIAS_ROW " FROM alias_domain x WHERE x.alias_domain = :alias_domain",
                     &alias_domain_shape, &alias_domain_shape },
    [ALIAS_LOCK] = { "alias_domain.lock",
                     "SELECT " ALIAS_ROW " FROM alias_domain x WHERE x.alias_domain = :alias_domain FOR UPDATE",
                     &alias_domain_shape, &alias_domain_shape },
    [ALIAS_INSERT] = { "alias_domain.insert",
                       "INSERT INTO alias_domain (alias_domain, target_domain, description, active, created, modified)"
                       " VALUES (:alias_domain, :target_domain, :description, :active, NOW(), NOW())",
                       &alias_domain_shape, NULL },
    [ALIAS_UPDATE] = { "alias_domain.update",
                       "UPDATE alias_domain SET target_domain = :target_domain, description = :description,"
                       " active = :active, modified = NOW() WHERE alias_domain = :alias_domain",
                       &alias_domain_shape, NULL },
    [ALIAS_DELETE] = { "alias_domain.delete", "DELETE FROM alias_domain WHERE alias_domain = :alias_domain",
                       &alias_domain_shape, NULL },
    [COUNT_TARGETS] = { "alias_domain.count_targets",
                        "SELECT COUNT(*) AS count FROM alias_domain WHERE target_domain = :target", &counted_shape,
                        &counted_shape },
    { 0 },
};

static const struct sort alias_domain_sorts[] = {
    { "alias_domain", "x.alias_domain" },
    { "target_domain", "x.target_domain" },
};
static const struct filter alias_domain_filters[] = { { "active", "x.active = :active" }, { 0 } };
const struct listing alias_domain_listing = {
    "alias_domain.list", ALIAS_ROW, "alias_domain x", NULL, "x.target_domain", NULL,
    "x.alias_domain LIKE :search OR x.target_domain LIKE :search",
    "x.alias_domain LIKE :spelled OR x.target_domain LIKE :spelled", "x.alias_domain", alias_domain_sorts,
    COUNT(alias_domain_sorts), &alias_domain_shape, alias_domain_filters, NULL,
};

enum outcome store_alias_domain_find(struct task *t, struct text name, struct alias_domain *out)
{
    struct alias_domain key = { .alias_domain = name };

    return statement_one(t, &alias_domain_statements[ALIAS_FIND], &key, out);
}

enum outcome store_alias_domain_lock(struct task *t, struct text name, struct alias_domain *out)
{
    struct alias_domain key = { .alias_domain = name };

    return statement_one(t, &alias_domain_statements[ALIAS_LOCK], &key, out);
}

enum outcome store_alias_domain_insert(struct task *t, const struct alias_domain *a)
{
    return statement_run(t, &alias_domain_statements[ALIAS_INSERT], a, NULL);
}

enum outcome store_alias_domain_update(struct task *t, const struct alias_domain *a)
{
    return statement_run(t, &alias_domain_statements[ALIAS_UPDATE], a, NULL);
}

enum outcome store_alias_domain_delete(struct task *t, struct text name)
{
    struct alias_domain key = { .alias_domain = name };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &alias_domain_statements[ALIAS_DELETE], &key, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}

enum outcome store_alias_domain_count_targets(struct task *t, struct text target, int64_t *out)
{
    struct counted row = { .target = target };
    enum outcome o = statement_one(t, &alias_domain_statements[COUNT_TARGETS], &row, &row);

    *out = row.count;
    return o;
}
