/* server/store/relay.c */
#include "store/relay.h"

#include "store/statements.h"

#define SHOWN                                                                                               \
    "r.name, r.scope, r.host, r.port, r.tls, r.verify_certificate, r.username,"                             \
    " r.password IS NOT NULL AS has_password, r.description, r.active,"                                     \
    " UNIX_TIMESTAMP(r.created) AS created, UNIX_TIMESTAMP(r.modified) AS modified"
#define ROW SHOWN ", r.password AS stored_password"

static const struct field row_fields[] = {
    FIELD(struct relay, name, .flags = KEY),   COLUMN(struct relay, scope),        COLUMN(struct relay, host),
    COLUMN(struct relay, port),                COLUMN(struct relay, tls),          COLUMN(struct relay, verify_certificate),
    COLUMN(struct relay, username),            COLUMN(struct relay, has_password), COLUMN(struct relay, stored_password),
    COLUMN(struct relay, description),         COLUMN(struct relay, active),       COLUMN(struct relay, created),
    COLUMN(struct relay, modified),
};
static const struct shape row_shape = SHAPE(struct relay, "RelayRow", row_fields);

struct counted {
    int64_t image, count;
};
static const struct field counted_fields[] = { COLUMN(struct counted, image), COLUMN(struct counted, count) };
static const struct shape counted_shape = SHAPE(struct counted, "Counted", counted_fields);

enum { FIND, LOCK, INSERT, UPDATE, DELETE, COUNT_KEPT };
const struct statement relay_statements[] = {
    [FIND] = { "relay.find", "SELECT " ROW " FROM postreeve_relay r WHERE r.name = :name", &row_shape, &row_shape },
    [LOCK] = { "relay.lock", "SELECT " ROW " FROM postreeve_relay r WHERE r.name = :name FOR UPDATE", &row_shape,
               &row_shape },
    [INSERT] = { "relay.insert",
                 "INSERT INTO postreeve_relay (name, scope, host, port, tls, verify_certificate, username, password,"
                 " description, active, created, modified) VALUES (:name, :scope, :host, :port, :tls,"
                 " :verify_certificate, :username, NULLIF(:stored_password, ''), :description, :active, NOW(), NOW())",
                 &row_shape, NULL },
    [UPDATE] = { "relay.update",
                 "UPDATE postreeve_relay SET scope = :scope, host = :host, port = :port, tls = :tls,"
                 " verify_certificate = :verify_certificate, username = :username,"
                 " password = IF(:stored_password IS NULL, password, NULLIF(:stored_password, '')),"
                 " description = :description, active = :active, modified = NOW() WHERE name = :name",
                 &row_shape, NULL },
    [DELETE] = { "relay.delete", "DELETE FROM postreeve_relay WHERE name = :name", &row_shape, NULL },
    [COUNT_KEPT] = { "relay.count_kept",
                     "SELECT COUNT(*) AS count FROM postreeve_image i JOIN postreeve_relay r"
                     " ON r.scope = JSON_VALUE(i.content, '$.scope') WHERE i.image = :image AND i.part = 'postreeve_relay'",
                     &counted_shape, &counted_shape },
    { 0 },
};

static const struct sort sorts[] = {
    { "name", "r.name" },
    { "scope", "r.scope" },
    { "host", "r.host" },
    { "modified", "UNIX_TIMESTAMP(r.modified)" },
};
static const struct filter filters[] = { { "active", "r.active = :active" }, { 0 } };
const struct listing relay_listing = {
    "relay.list", SHOWN, "postreeve_relay r", NULL, NULL, NULL,
    "r.name LIKE :search OR r.scope LIKE :search OR r.host LIKE :search"
    " OR r.username COLLATE utf8mb4_unicode_ci LIKE :search OR r.description COLLATE utf8mb4_unicode_ci LIKE :search",
    "r.scope LIKE :spelled OR r.host LIKE :spelled", "r.name", sorts, COUNT(sorts), &row_shape, filters, NULL,
};

enum outcome store_relay_find(struct task *t, struct text name, struct relay *out)
{
    struct relay key = { .name = name };

    return statement_one(t, &relay_statements[FIND], &key, out);
}

enum outcome store_relay_lock(struct task *t, struct text name, struct relay *out)
{
    struct relay key = { .name = name };

    return statement_one(t, &relay_statements[LOCK], &key, out);
}

enum outcome store_relay_insert(struct task *t, const struct relay *r)
{
    return statement_run(t, &relay_statements[INSERT], r, NULL);
}

enum outcome store_relay_update(struct task *t, const struct relay *r)
{
    return statement_run(t, &relay_statements[UPDATE], r, NULL);
}

enum outcome store_relay_delete(struct task *t, struct text name)
{
    struct relay key = { .name = name };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &relay_statements[DELETE], &key, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}

enum outcome store_relay_scope_taken(struct task *t, int64_t image, bool *out)
{
    struct counted row = { .image = image };
    enum outcome o = statement_one(t, &relay_statements[COUNT_KEPT], &row, &row);

    *out = row.count > 0;
    return o;
}
