/* server/store/image.c */
#include "store/image.h"

#include "store/statements.h"

struct image_row {
    int64_t image, days;
    struct text key;
};
static const struct field image_fields[] = {
    COLUMN(struct image_row, image), COLUMN(struct image_row, days), COLUMN(struct image_row, key),
};
static const struct shape image_shape = SHAPE(struct image_row, "Image", image_fields);

/* A table's columns but its primary key, which comes first wherever they are listed. */
#define DOMAIN_COLUMNS(C)                                                                                          \
    C(description) C(aliases) C(mailboxes) C(maxquota) C(quota) C(transport) C(backupmx) C(created) C(modified)    \
    C(active) C(password_expiry) C(maxquota_bytes) C(quota_bytes)
#define MAILBOX_COLUMNS(C)                                                                                         \
    C(password) C(name) C(maildir) C(quota) C(local_part) C(domain) C(created) C(modified) C(active) C(phone)      \
    C(email_other) C(token) C(token_validity) C(password_expiry) C(totp_secret) C(smtp_active)
#define ALIAS_COLUMNS(C) C(goto) C(domain) C(created) C(modified) C(active) C(description) C(answers_until)
#define ALIAS_DOMAIN_COLUMNS(C) C(target_domain) C(created) C(modified) C(active) C(description)
#define ADMIN_COLUMNS(C)                                                                                           \
    C(password) C(created) C(modified) C(active) C(superadmin) C(phone) C(email_other) C(token) C(token_validity)  \
    C(totp_secret)
#define DOMAIN_ADMINS_COLUMNS(C) C(username) C(domain) C(created) C(active)
#define VACATION_COLUMNS(C)                                                                                        \
    C(subject) C(body) C(cache) C(domain) C(created) C(active) C(modified) C(activefrom) C(activeuntil) C(interval_time)
#define APP_PASSWORD_COLUMNS(C)                                                                                    \
    C(username) C(description) C(password_hash) C(created) C(last_used) C(last_source) C(selector)
#define EXCEPTION_COLUMNS(C) C(ip) C(username) C(description) C(created) C(modified)
#define QUOTA2_COLUMNS(C) C(bytes) C(messages)
#define FETCHMAIL_COLUMNS(C)                                                                                       \
    C(mailbox) C(src_server) C(src_auth) C(src_user) C(src_password) C(src_folder) C(poll_time) C(fetchall)        \
    C(keep) C(protocol) C(usessl) C(extra_options) C(returned_text) C(mda) C(date) C(sslcertck) C(sslcertpath)     \
    C(sslfingerprint) C(domain) C(active) C(created) C(modified) C(src_port)

#define TRANSPORT_COLUMNS(C) C(transport) C(description) C(active) C(created) C(modified)
#define SENDER_ACCESS_COLUMNS(C) C(action) C(reply) C(description) C(active) C(created) C(modified)
#define SENDER_LOGIN_COLUMNS(C)                                                                                    \
    C(sender) C(login) C(domain) C(login_domain) C(description) C(active) C(created) C(modified)
#define RELAY_COLUMNS(C)                                                                                           \
    C(scope) C(host) C(port) C(tls) C(verify_certificate) C(username) C(password) C(description) C(active)         \
    C(created) C(modified)

#define DKIM_COLUMNS(C)                                                                                            \
    C(domain_name) C(description) C(selector) C(private_key) C(public_key) C(created) C(modified)
#define DKIM_SIGNING_COLUMNS(C) C(author) C(dkim_id) C(created) C(modified)

#define PAIR(column) ", '" #column "', x.`" #column "`"
#define NAME(column) ", `" #column "`"
#define OF_JSON(column) "JSON_VALUE(i.content, '$." #column "')"
#define VALUE(column) ", " OF_JSON(column)
#define AGAIN(column) ", `" #column "` = VALUES(`" #column "`)"
#define THIS_IMAGE(table) "i.image = :image AND i.part = '" #table "'"

#define KEEP_WHERE(table, id, COLUMNS, where)                                                 \
    { "image.keep_" #table,                                                                   \
      "INSERT INTO postreeve_image (image, part, created, content)"                           \
      " SELECT :image, '" #table "', NOW(), JSON_OBJECT('" #id "', x." #id COLUMNS(PAIR) ")"  \
      " FROM " #table " x WHERE " where, &image_shape, NULL }
#define RESTORE_PART(table, id, COLUMNS)                                                      \
    { "image.restore_" #table,                                                                \
      "INSERT INTO " #table " (" #id COLUMNS(NAME) ") SELECT " OF_JSON(id) COLUMNS(VALUE)     \
      " FROM postreeve_image i WHERE " THIS_IMAGE(table)                                      \
      " ON DUPLICATE KEY UPDATE " #id " = VALUES(" #id ")" COLUMNS(AGAIN), &image_shape, NULL }
#define CLEAR_WHERE(table, which) { "image.clear_" #table, "DELETE FROM " #table " WHERE " which, &image_shape, NULL }

/* PART: of a table whose row has the item's key. MANY: rows with numbers of their own, of which the item has several. */
#define PART(table, id, COLUMNS, of_domain)                                                                \
    KEEP_WHERE(table, id, COLUMNS, "x." #id " = :key"), KEEP_WHERE(table, id, COLUMNS, of_domain),         \
    RESTORE_PART(table, id, COLUMNS),                                                                      \
    CLEAR_WHERE(table, #id " = :key AND NOT EXISTS (SELECT 1 FROM postreeve_image i WHERE " THIS_IMAGE(table) ")")
#define MANY(table, id, COLUMNS, of_key, of_domain)                                                        \
    KEEP_WHERE(table, id, COLUMNS, of_key), KEEP_WHERE(table, id, COLUMNS, of_domain),                     \
    RESTORE_PART(table, id, COLUMNS), CLEAR_WHERE(table, of_key)
/* Rows that are an item of their own, by number, and a mailbox's, by its address; both as texts. */
#define NUMBERED(number, owner) "CAST(" number " AS char) = :key OR " owner " = :key"

#define OF_ITS_DKIM_KEYS "dkim_id IN (SELECT k.id FROM dkim k WHERE k.domain_name = :key)"
#define OF_ITS_MAILBOXES "username IN (SELECT m.username FROM mailbox m WHERE m.domain = :key)"

/* Rows in the order in which they can be put back. */
enum { KEEP, KEEP_ALL, RESTORE, CLEAR, PER_PART };
enum {
    DOMAIN, ALIAS_DOMAIN, MAILBOX, ALIAS, VACATION, APP_PASSWORD, EXCEPTION, QUOTA2, FETCHMAIL, ADMIN, DOMAIN_ADMINS, TRANSPORT,
    SENDER_ACCESS, SENDER_LOGIN, RELAY, DKIM, DKIM_SIGNING, PARTS
};
const struct statement image_statements[] = {
    PART(domain, domain, DOMAIN_COLUMNS, "x.domain = :key"),
    PART(alias_domain, alias_domain, ALIAS_DOMAIN_COLUMNS, "x.alias_domain = :key"),
    PART(mailbox, username, MAILBOX_COLUMNS, "x.domain = :key"),
    PART(alias, address, ALIAS_COLUMNS, "x.domain = :key"),
    PART(vacation, email, VACATION_COLUMNS, "x.domain = :key"),
    MANY(mailbox_app_password, id, APP_PASSWORD_COLUMNS, "username = :key", OF_ITS_MAILBOXES),
    MANY(totp_exception_address, id, EXCEPTION_COLUMNS, "username = :key", "username = :key OR " OF_ITS_MAILBOXES),
    PART(quota2, username, QUOTA2_COLUMNS, OF_ITS_MAILBOXES),
    MANY(fetchmail, id, FETCHMAIL_COLUMNS, NUMBERED("id", "mailbox"),
         "domain = :key OR mailbox IN (SELECT m.username FROM mailbox m WHERE m.domain = :key)"),
    PART(admin, username, ADMIN_COLUMNS, "FALSE"),
    MANY(domain_admins, id, DOMAIN_ADMINS_COLUMNS, "username = :key", "x.domain = :key"),
    PART(postreeve_transport, destination, TRANSPORT_COLUMNS, "FALSE"),
    PART(postreeve_sender_access, sender, SENDER_ACCESS_COLUMNS, "FALSE"),
    MANY(postreeve_sender_login, id, SENDER_LOGIN_COLUMNS, NUMBERED("id", "login"), "domain = :key OR login_domain = :key"),
    PART(postreeve_relay, name, RELAY_COLUMNS, "FALSE"),
    MANY(dkim, id, DKIM_COLUMNS, "CAST(id AS char) = :key", "x.domain_name = :key"),
    MANY(dkim_signing, id, DKIM_SIGNING_COLUMNS, "CAST(dkim_id AS char) = :key", OF_ITS_DKIM_KEYS),
    { "image.sweep", "DELETE FROM postreeve_image WHERE created < NOW() - INTERVAL :days DAY", &image_shape, NULL },
    { 0 },
};
#define SWEEP (PARTS * PER_PART)

static const struct { bool by_domain; unsigned parts; } kinds[IMAGE_KINDS] = {
    [IMAGE_DOMAIN] = { false, 1 << DOMAIN },
    [IMAGE_DOMAIN_WHOLE] = { true, 1 << DOMAIN | 1 << ALIAS_DOMAIN | 1 << MAILBOX | 1 << ALIAS | 1 << VACATION
                                       | 1 << APP_PASSWORD | 1 << EXCEPTION | 1 << QUOTA2 | 1 << FETCHMAIL
                                       | 1 << DOMAIN_ADMINS | 1 << SENDER_LOGIN | 1 << DKIM | 1 << DKIM_SIGNING },
    [IMAGE_MAILBOX] = { false, 1 << MAILBOX | 1 << ALIAS | 1 << VACATION },
    [IMAGE_MAILBOX_WHOLE] = { false, 1 << MAILBOX | 1 << ALIAS | 1 << VACATION | 1 << APP_PASSWORD | 1 << EXCEPTION
                                         | 1 << QUOTA2 | 1 << FETCHMAIL | 1 << SENDER_LOGIN },
    [IMAGE_ALIAS] = { false, 1 << ALIAS },
    [IMAGE_ALIAS_DOMAIN] = { false, 1 << ALIAS_DOMAIN },
    [IMAGE_ADMIN] = { false, 1 << ADMIN | 1 << DOMAIN_ADMINS },
    [IMAGE_TRANSPORT] = { false, 1 << TRANSPORT },
    [IMAGE_SENDER_ACCESS] = { false, 1 << SENDER_ACCESS },
    [IMAGE_SENDER_LOGIN] = { false, 1 << SENDER_LOGIN },
    [IMAGE_RELAY] = { false, 1 << RELAY },
    [IMAGE_FETCHMAIL] = { false, 1 << FETCHMAIL },
    [IMAGE_DKIM_KEY] = { false, 1 << DKIM | 1 << DKIM_SIGNING },
};

static enum outcome run(struct task *t, size_t part, size_t what, const struct image_row *row)
{
    return statement_run(t, &image_statements[part * PER_PART + what], row, NULL);
}

enum outcome store_image_keep(struct task *t, int64_t image, enum image_kind kind, struct text key)
{
    struct image_row row = { .image = image, .key = key };
    enum outcome o = DONE;

    for (size_t part = 0; o == DONE && part < PARTS; part++)
        if (kinds[kind].parts >> part & 1)
            o = run(t, part, kinds[kind].by_domain ? KEEP_ALL : KEEP, &row);
    return o;
}

enum outcome store_image_restore(struct task *t, int64_t image, enum image_kind kind, struct text key)
{
    struct image_row row = { .image = image, .key = key };
    enum outcome o = DONE;

    for (size_t part = 0; o == DONE && part < PARTS; part++) {
        if (!(kinds[kind].parts >> part & 1))
            continue;
        if (!kinds[kind].by_domain)
            o = run(t, part, CLEAR, &row);
        if (o == DONE)
            o = run(t, part, RESTORE, &row);
    }
    return o;
}

enum outcome store_image_sweep(struct task *t, int64_t days, int64_t *gone)
{
    struct image_row row = { .days = days };

    return statement_run(t, &image_statements[SWEEP], &row, gone);
}
