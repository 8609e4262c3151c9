/* server/store/account.c */
#include "store/account.h"

#include "model/own_account.h"
#include "model/password.h"
#include "store/mailbox.h"
#include "store/statements.h"
#include "store/turn.h"

struct admin_row { /* an admin, one of the delegations, and figures */
    struct admin it;
    struct text username, domain;
    int64_t count;
    bool super_admin;
};

static const struct field of_admin[] = {
    FIELD(struct admin, username, .flags = KEY), COLUMN(struct admin, stored_password),
    COLUMN(struct admin, super_admin),            COLUMN(struct admin, domains),
    COLUMN(struct admin, active),                 COLUMN(struct admin, created),
    COLUMN(struct admin, modified),               COLUMN(struct admin, recovery_address),
    COLUMN(struct admin, second_factor),
};
static const struct shape admin_row_shape = SHAPE(struct admin, "AdminRow", of_admin);

static const struct field delegation_fields[] = {
    COLUMN(struct admin_row, username),
    COLUMN(struct admin_row, domain),
    COLUMN(struct admin_row, count),
    COLUMN(struct admin_row, super_admin),
};
static const struct shape delegation_shape = SHAPE(struct admin_row, "Delegation", delegation_fields);

#define DOMAINS_OF(username)                                                                                  \
    "(SELECT GROUP_CONCAT(da.domain ORDER BY da.domain) FROM domain_admins da WHERE da.username = " username  \
    " AND da.active = 1 AND da.domain <> 'ALL')"
#define ROW                                                                                                   \
    "a.username, a.password AS stored_password, a.superadmin AS super_admin, " DOMAINS_OF("a.username")       \
    " AS domains, a.active, UNIX_TIMESTAMP(a.created) AS created, UNIX_TIMESTAMP(a.modified) AS modified,"     \
    " a.email_other AS recovery_address, COALESCE(a.totp_secret, '') <> '' AS second_factor"

static const struct field login_fields[] = {
    COLUMN(struct login, username), COLUMN(struct login, stored_password), COLUMN(struct login, is_admin),
    COLUMN(struct login, super_admin), COLUMN(struct login, active), COLUMN(struct login, totp_secret),
    COLUMN(struct login, hash), COLUMN(struct login, recovery_address),
    COLUMN(struct login, password_expired),
};
static const struct shape login_shape = SHAPE(struct login, "Login", login_fields);

enum {
    FIND, LOCK, INSERT, UPDATE, SET_PASSWORD, DELETE, DELEGATE, UNDELEGATE, OTHER_SUPERS, RANK, OWNS, LOGIN,
    LOCK_ADMIN, LOCK_MAILBOX, REHASH_ADMIN, REHASH_MAILBOX, RECOVERY_ADMIN, RECOVERY_MAILBOX,
};
const struct statement account_statements[] = {
    [FIND] = { "admin.find", "SELECT " ROW " FROM admin a WHERE a.username = :username", &admin_row_shape,
               &admin_row_shape },
    [LOCK] = { "admin.lock", "SELECT " ROW " FROM admin a WHERE a.username = :username FOR UPDATE", &admin_row_shape,
               &admin_row_shape },
    [INSERT] = { "admin.insert",
                 "INSERT INTO admin (username, password, superadmin, active, email_other, created, modified)"
                 " VALUES (:username, :stored_password, :super_admin, :active, COALESCE(:recovery_address, ''), NOW(), NOW())",
                 &admin_row_shape, NULL },
    [UPDATE] = { "admin.update",
                 "UPDATE admin SET password = :stored_password, superadmin = :super_admin, active = :active,"
                 " email_other = COALESCE(:recovery_address, ''), modified = NOW() WHERE username = :username",
                 &admin_row_shape, NULL },
    [SET_PASSWORD] = { "admin.set_password",
                       "UPDATE admin SET password = :stored_password, modified = NOW() WHERE username = :username",
                       &admin_row_shape, NULL },
    [DELETE] = { "admin.delete", "DELETE FROM admin WHERE username = :username", &admin_row_shape, NULL },
    [DELEGATE] = { "admin.delegate",
                   "INSERT INTO domain_admins (username, domain, created, active) VALUES (:username, :domain, NOW(), 1)",
                   &delegation_shape, NULL },
    [UNDELEGATE] = { "admin.undelegate", "DELETE FROM domain_admins WHERE username = :username", &delegation_shape,
                     NULL },
    [OTHER_SUPERS] = { "admin.other_supers",
                       "SELECT a.username FROM admin a"
                       " WHERE a.superadmin = 1 AND a.active = 1 AND a.username <> :username FOR UPDATE",
                       &delegation_shape, &delegation_shape },
    [RANK] = { "admin.rank", "SELECT a.superadmin AS super_admin FROM admin a WHERE a.username = :username",
               &delegation_shape, &delegation_shape },
    [OWNS] = { "admin.owns",
               "SELECT COUNT(*) AS count FROM domain_admins da"
               " WHERE da.username = :username AND da.domain = :domain AND da.active = 1",
               &delegation_shape, &delegation_shape },
    [LOGIN] = { "account.login",
                "SELECT a.username, a.password AS stored_password, 1 AS is_admin, a.superadmin AS super_admin, a.active,"
                " a.totp_secret, 0 AS password_expired FROM admin a WHERE a.username = :username"
                " UNION ALL SELECT m.username, m.password, 0, 0, m.active AND d.active, m.totp_secret, "
                PASSWORD_EXPIRED("m", "d") " FROM mailbox m JOIN domain d ON d.domain = m.domain"
                " WHERE m.username = :username",
                &login_shape, &login_shape },
    [LOCK_ADMIN] = { "account.lock_admin",
                     "SELECT a.username, a.password AS stored_password, 1 AS is_admin, a.superadmin AS super_admin,"
                     " a.active, a.totp_secret, a.email_other AS recovery_address FROM admin a WHERE a.username = :username FOR UPDATE",
                     &login_shape, &login_shape },
    [LOCK_MAILBOX] = { "account.lock_mailbox",
                       "SELECT m.username, m.password AS stored_password, m.active, m.totp_secret,"
                       " m.email_other AS recovery_address FROM mailbox m WHERE m.username = :username FOR UPDATE",
                       &login_shape, &login_shape },
    [REHASH_ADMIN] = { "account.rehash_admin",
                       "UPDATE admin SET password = :hash WHERE username = :username AND password = :stored_password",
                       &login_shape, NULL },
    [REHASH_MAILBOX] = { "account.rehash_mailbox",
                         "UPDATE mailbox SET password = :hash WHERE username = :username AND password = :stored_password",
                         &login_shape, NULL },
    [RECOVERY_ADMIN] = { "account.recovery_admin",
                         "UPDATE admin SET email_other = :recovery_address, modified = NOW() WHERE username = :username",
                         &login_shape, NULL },
    [RECOVERY_MAILBOX] = { "account.recovery_mailbox",
                           "UPDATE mailbox SET email_other = :recovery_address, modified = NOW()"
                           " WHERE username = :username",
                           &login_shape, NULL },
    { 0 },
};

static const struct sort admin_sorts[] = { { "username", "a.username" } };
static const struct filter admin_filters[] = { { "active", "a.active = :active" }, { 0 } };
const struct listing admin_listing = {
    "admin.list", ROW, "admin a", NULL, NULL, NULL, "a.username LIKE :search", "a.username LIKE :spelled",
    "a.username", admin_sorts,
    COUNT(admin_sorts), &admin_row_shape, admin_filters, NULL,
};

enum outcome store_admin_find(struct task *t, struct text username, struct admin *out)
{
    struct admin key = { .username = username };

    return statement_one(t, &account_statements[FIND], &key, out);
}

enum outcome store_admin_lock(struct task *t, struct text username, struct admin *out)
{
    struct admin key = { .username = username };

    return statement_one(t, &account_statements[LOCK], &key, out);
}

static enum outcome delegate(struct task *t, const struct admin *a)
{
    struct admin_row row = { .username = a->username, .domain = TEXT("ALL") };
    enum outcome o = statement_run(t, &account_statements[UNDELEGATE], &row, NULL);

    if (o == DONE && a->super_admin)
        o = statement_run(t, &account_statements[DELEGATE], &row, NULL);
    for (size_t i = 0; o == DONE && i < a->domains.count; i++) {
        row.domain = a->domains.items[i];
        o = statement_run(t, &account_statements[DELEGATE], &row, NULL);
    }
    return o;
}

enum outcome store_admin_insert(struct task *t, const struct admin *a)
{
    enum outcome o = statement_run(t, &account_statements[INSERT], a, NULL);

    return o == DONE ? delegate(t, a) : o;
}

enum outcome store_admin_update(struct task *t, const struct admin *a)
{
    enum outcome o = statement_run(t, &account_statements[UPDATE], a, NULL);

    return o == DONE ? delegate(t, a) : o;
}

enum outcome store_admin_set_password(struct task *t, struct text username, struct text hash)
{
    struct admin a = { .username = username, .stored_password = hash };
    int64_t found = 0;
    enum outcome o = statement_run(t, &account_statements[SET_PASSWORD], &a, &found);

    return o == DONE && found == 0 ? MISSING : o;
}

enum outcome store_admin_delete(struct task *t, struct text username)
{
    struct admin a = { .username = username };
    struct admin_row row = { .username = username };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &account_statements[DELETE], &a, &gone);

    if (o == DONE && gone == 0)
        return MISSING;
    return o == DONE ? statement_run(t, &account_statements[UNDELEGATE], &row, NULL) : o;
}

enum outcome store_super_admins_but(struct task *t, struct text username, int64_t *out)
{
    struct admin_row row = { .username = username };
    struct rows found = { 0 };
    enum outcome o = turn_take(t, TURN_SUPER_ADMINS);

    if (o == DONE)
        o = statement_all(t, &account_statements[OTHER_SUPERS], &row, &found);
    *out = (int64_t)found.count;
    return o;
}

enum outcome store_rank_of(struct task *t, struct text username, enum role *out)
{
    struct admin_row row = { .username = username };
    enum outcome o = statement_one(t, &account_statements[RANK], &row, &row);

    *out = o != DONE ? ROLE_NOBODY : row.super_admin ? ROLE_SUPER_ADMIN : ROLE_DOMAIN_ADMIN;
    return o == MISSING ? DONE : o;
}

enum outcome store_owns_domain(struct task *t, struct text username, struct text domain, bool *out)
{
    struct admin_row row = { .username = username, .domain = domain };
    enum outcome o = statement_one(t, &account_statements[OWNS], &row, &row);

    *out = o == DONE && row.count > 0;
    return o;
}

enum outcome store_login_find(struct task *t, struct text username, struct rows *out)
{
    struct login key = { .username = username };

    return statement_all(t, &account_statements[LOGIN], &key, out);
}

static bool names_admin(const char *account)
{
    return text_equal(text_of(account), TEXT("admin"));
}

enum outcome store_login_lock(struct task *t, const char *account, struct text username, struct login *out)
{
    struct login key = { .username = username };

    return statement_one(t, &account_statements[names_admin(account) ? LOCK_ADMIN : LOCK_MAILBOX], &key, out);
}

enum outcome store_login_rehash(struct task *t, const struct login *who, struct text hash)
{
    struct login row = { .username = who->username, .stored_password = who->stored_password, .hash = hash };

    return statement_run(t, &account_statements[who->is_admin ? REHASH_ADMIN : REHASH_MAILBOX], &row, NULL);
}

enum outcome store_set_recovery_address(struct task *t, const char *account, struct text username, struct text address)
{
    struct login row = { .username = username, .recovery_address = address };

    return statement_run(t, &account_statements[names_admin(account) ? RECOVERY_ADMIN : RECOVERY_MAILBOX], &row, NULL);
}

static const struct field session_row_fields[] = {
    COLUMN(struct session_row, digest),       COLUMN(struct session_row, username),
    COLUMN(struct session_row, account),      COLUMN(struct session_row, language),
    COLUMN(struct session_row, source),
    COLUMN(struct session_row, idle_seconds), COLUMN(struct session_row, absolute_seconds),
    COLUMN(struct session_row, super_admin),  COLUMN(struct session_row, unseen_seconds),
    COLUMN(struct session_row, password_expired),
    COLUMN(struct session_row, user_agent),   COLUMN(struct session_row, id),
};
static const struct shape session_row_shape = SHAPE(struct session_row, "SessionRow", session_row_fields);

#define SESSION_ROW "s.username, s.account, TIMESTAMPDIFF(SECOND, s.seen, NOW()) AS unseen_seconds"
#define SESSION_LIVES                                                     \
    "s.digest = :digest AND s.seen > NOW() - INTERVAL :idle_seconds SECOND" \
    " AND s.created > NOW() - INTERVAL :absolute_seconds SECOND"

enum {
    SESSION_INSERT, SESSION_OF_ADMIN, SESSION_OF_MAILBOX, SESSION_SEEN, SESSION_DELETE, SESSION_DELETE_OTHERS,
    SESSION_SWEEP, SESSIONS_OF, SESSION_DELETE_NUMBERED,
};
const struct statement session_statements[] = {
    [SESSION_INSERT] = { "session.insert",
                         "INSERT INTO postreeve_session (digest, username, account, language, source, agent, created, seen)"
                         " VALUES (:digest, :username, :account, :language, :source, COALESCE(:user_agent, ''), NOW(),"
                         " NOW())",
                         &session_row_shape, NULL },
    /* The account is looked at every time: who is switched off is out with the very next request. */
    [SESSION_OF_ADMIN] = { "session.of_admin",
                           "SELECT " SESSION_ROW ", a.superadmin AS super_admin FROM postreeve_session s"
                           " JOIN admin a ON a.username = s.username AND a.active = 1"
                           " WHERE s.account = 'admin' AND " SESSION_LIVES,
                           &session_row_shape, &session_row_shape },
    [SESSION_OF_MAILBOX] = { "session.of_mailbox",
                             "SELECT " SESSION_ROW ", " PASSWORD_EXPIRED("m", "d") " AS password_expired"
                             " FROM postreeve_session s"
                             " JOIN mailbox m ON m.username = s.username AND m.active = 1"
                             " AND LEFT(m.password, 8) <> '" LOCKED_PREFIX "'"
                             " JOIN domain d ON d.domain = m.domain AND d.active = 1"
                             " WHERE s.account = 'mailbox' AND " SESSION_LIVES,
                             &session_row_shape, &session_row_shape },
    [SESSION_SEEN] = { "session.seen", "UPDATE postreeve_session SET seen = NOW() WHERE digest = :digest",
                       &session_row_shape, NULL },
    [SESSION_DELETE] = { "session.delete", "DELETE FROM postreeve_session WHERE digest = :digest", &session_row_shape,
                         NULL },
    [SESSION_DELETE_OTHERS] = { "session.delete_others",
                                "DELETE FROM postreeve_session"
                                " WHERE username = :username AND account = :account AND digest <> :digest",
                                &session_row_shape, NULL },
    [SESSION_SWEEP] = { "session.sweep",
                        "DELETE FROM postreeve_session WHERE seen < NOW() - INTERVAL :idle_seconds SECOND",
                        &session_row_shape, NULL },
    [SESSIONS_OF] = { "session.of",
                      "SELECT s.id, s.source, s.agent AS user_agent, UNIX_TIMESTAMP(s.created) AS created,"
                      " UNIX_TIMESTAMP(s.seen) AS seen, s.digest = :digest AS current FROM postreeve_session s"
                      " WHERE s.username = :username AND s.account = :account"
                      " AND s.seen > NOW() - INTERVAL :idle_seconds SECOND"
                      " AND s.created > NOW() - INTERVAL :absolute_seconds SECOND ORDER BY s.id DESC LIMIT 100",
                      &session_row_shape, &own_session_shape },
    [SESSION_DELETE_NUMBERED] = { "session.delete_numbered",
                                  "DELETE FROM postreeve_session WHERE id = :id AND username = :username"
                                  " AND account = :account",
                                  &session_row_shape, NULL },
    { 0 },
};

enum outcome store_session_insert(struct task *t, const struct session_row *s)
{
    return statement_run(t, &session_statements[SESSION_INSERT], s, NULL);
}

/* Two statements, so that the database need not open the other kind's tables with every request; admins, who ask the
 * most, come first. */
enum outcome store_session_find(struct task *t, const struct session_row *by, struct session_row *out)
{
    enum outcome o = statement_one(t, &session_statements[SESSION_OF_ADMIN], by, out);

    return o == MISSING ? statement_one(t, &session_statements[SESSION_OF_MAILBOX], by, out) : o;
}

enum outcome store_session_seen(struct task *t, struct text digest)
{
    struct session_row s = { .digest = digest };

    return statement_run(t, &session_statements[SESSION_SEEN], &s, NULL);
}

enum outcome store_session_delete(struct task *t, struct text digest)
{
    struct session_row s = { .digest = digest };

    return statement_run(t, &session_statements[SESSION_DELETE], &s, NULL);
}

enum outcome store_session_delete_others(struct task *t, struct text username, const char *account, struct text but)
{
    struct session_row s = { .username = username, .account = text_of(account), .digest = but.at ? but : TEXT("") };

    return statement_run(t, &session_statements[SESSION_DELETE_OTHERS], &s, NULL);
}

enum outcome store_session_delete_expired(struct task *t, const struct session_row *by)
{
    return statement_run(t, &session_statements[SESSION_SWEEP], by, NULL);
}

enum outcome store_sessions_of(struct task *t, const struct session_row *by, struct rows *out)
{
    return statement_all(t, &session_statements[SESSIONS_OF], by, out);
}

enum outcome store_session_delete_numbered(struct task *t, const struct session_row *by)
{
    int64_t gone = 0;
    enum outcome o = statement_run(t, &session_statements[SESSION_DELETE_NUMBERED], by, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}

static const struct field throttle_fields[] = {
    COLUMN(struct throttle_row, bucket),
    COLUMN(struct throttle_row, failures),
    COLUMN(struct throttle_row, window_seconds),
    COLUMN(struct throttle_row, wait_seconds),
};
static const struct shape throttle_shape = SHAPE(struct throttle_row, "Throttle", throttle_fields);

enum { THROTTLE_FIND, THROTTLE_COUNT, THROTTLE_FORGET, THROTTLE_SWEEP };
const struct statement throttle_statements[] = {
    [THROTTLE_FIND] = { "throttle.find",
                        "SELECT failures,"
                        " :window_seconds - TIMESTAMPDIFF(SECOND, since, NOW()) AS wait_seconds"
                        " FROM postreeve_throttle"
                        " WHERE bucket = :bucket AND since > NOW() - INTERVAL :window_seconds SECOND",
                        &throttle_shape, &throttle_shape },
    [THROTTLE_COUNT] = { "throttle.count",
                         "INSERT INTO postreeve_throttle (bucket, failures, since) VALUES (:bucket, 1, NOW())"
                         " ON DUPLICATE KEY UPDATE"
                         " failures = IF(since > NOW() - INTERVAL :window_seconds SECOND, failures + 1, 1),"
                         " since = IF(since > NOW() - INTERVAL :window_seconds SECOND, since, NOW())",
                         &throttle_shape, NULL },
    [THROTTLE_FORGET] = { "throttle.forget", "DELETE FROM postreeve_throttle WHERE bucket = :bucket", &throttle_shape,
                          NULL },
    [THROTTLE_SWEEP] = { "throttle.sweep",
                         "DELETE FROM postreeve_throttle WHERE since < NOW() - INTERVAL :window_seconds SECOND",
                         &throttle_shape, NULL },
    { 0 },
};

enum outcome store_throttle_find(struct task *t, const struct throttle_row *by, struct throttle_row *out)
{
    return statement_one(t, &throttle_statements[THROTTLE_FIND], by, out);
}

enum outcome store_throttle_count(struct task *t, const struct throttle_row *by)
{
    return statement_run(t, &throttle_statements[THROTTLE_COUNT], by, NULL);
}

enum outcome store_throttle_forget(struct task *t, struct text bucket)
{
    struct throttle_row row = { .bucket = bucket };

    return statement_run(t, &throttle_statements[THROTTLE_FORGET], &row, NULL);
}

enum outcome store_throttle_sweep(struct task *t, const struct throttle_row *by)
{
    return statement_run(t, &throttle_statements[THROTTLE_SWEEP], by, NULL);
}
