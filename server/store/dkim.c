/* server/store/dkim.c */
#include "store/dkim.h"

#include "store/statements.h"

#define ROW                                                                                                          \
    "k.id, k.domain_name AS domain, k.selector, COALESCE(k.description, '') AS description, k.public_key,"            \
    " EXISTS (SELECT 1 FROM dkim_signing s WHERE s.dkim_id = k.id AND s.author = k.domain_name) AS active,"           \
    " UNIX_TIMESTAMP(k.created) AS created, UNIX_TIMESTAMP(k.modified) AS modified"

static const struct field row_fields[] = {
    FIELD(struct dkim_key, id, .flags = KEY),     COLUMN(struct dkim_key, domain),     COLUMN(struct dkim_key, selector),
    COLUMN(struct dkim_key, description),         COLUMN(struct dkim_key, public_key), COLUMN(struct dkim_key, stored_private),
    COLUMN(struct dkim_key, active),              COLUMN(struct dkim_key, created),    COLUMN(struct dkim_key, modified),
};
static const struct shape row_shape = SHAPE(struct dkim_key, "DkimKeyRow", row_fields);

static const struct field signing_fields[] = {
    COLUMN(struct dkim_signing, author),   COLUMN(struct dkim_signing, id),             COLUMN(struct dkim_signing, domain),
    COLUMN(struct dkim_signing, selector), COLUMN(struct dkim_signing, stored_private),
};
const struct shape dkim_signing_shape = SHAPE(struct dkim_signing, "DkimSigning", signing_fields);

struct counted {
    int64_t image, count;
};
static const struct field counted_fields[] = { COLUMN(struct counted, image), COLUMN(struct counted, count) };
static const struct shape counted_shape = SHAPE(struct counted, "Counted", counted_fields);

enum { FIND, LOCK, OF_DOMAIN, NAMED, INSERT, KEEP_PRIVATE, DELETE, STOP, START, COUNT_KEPT, SIGNINGS };
const struct statement dkim_statements[] = {
    [FIND] = { "dkim.find", "SELECT " ROW " FROM dkim k WHERE k.id = :id", &row_shape, &row_shape },
    [LOCK] = { "dkim.lock", "SELECT " ROW " FROM dkim k WHERE k.id = :id FOR UPDATE", &row_shape, &row_shape },
    [OF_DOMAIN] = { "dkim.of_domain", "SELECT " ROW " FROM dkim k WHERE k.domain_name = :domain ORDER BY k.id", &row_shape,
                    &row_shape },
    [NAMED] = { "dkim.named", "SELECT k.id FROM dkim k WHERE k.domain_name = :domain AND k.selector = :selector LIMIT 1",
                &row_shape, &row_shape },
    [INSERT] = { "dkim.insert",
                 "INSERT INTO dkim (domain_name, selector, description, public_key, created, modified)"
                 " VALUES (:domain, :selector, :description, :public_key, NOW(), NOW())",
                 &row_shape, NULL },
    [KEEP_PRIVATE] = { "dkim.keep_private", "UPDATE dkim SET private_key = :stored_private WHERE id = :id", &row_shape, NULL },
    [DELETE] = { "dkim.delete", "DELETE FROM dkim WHERE id = :id", &row_shape, NULL }, /* dkim_signing goes with it */
    [STOP] = { "dkim.stop", "DELETE FROM dkim_signing WHERE author = :domain", &row_shape, NULL },
    [START] = { "dkim.start",
                "INSERT INTO dkim_signing (author, dkim_id, created, modified) VALUES (:domain, :id, NOW(), NOW())", &row_shape,
                NULL },
    [COUNT_KEPT] = { "dkim.count_kept",
                     "SELECT COUNT(*) AS count FROM postreeve_image i JOIN dkim k"
                     " ON k.domain_name = JSON_VALUE(i.content, '$.domain_name')"
                     " AND k.selector = JSON_VALUE(i.content, '$.selector') WHERE i.image = :image AND i.part = 'dkim'",
                     &counted_shape, &counted_shape },
    [SIGNINGS] = { "dkim.signings",
                   "SELECT s.author, k.id, k.domain_name AS domain, k.selector, k.private_key AS stored_private"
                   " FROM dkim_signing s JOIN dkim k ON k.id = s.dkim_id JOIN domain d ON d.domain = k.domain_name"
                   " WHERE d.active = 1 ORDER BY s.author, k.domain_name, k.selector, k.id",
                   NULL, &dkim_signing_shape },
    { 0 },
};

static const struct sort sorts[] = {
    { "domain", "k.domain_name" },
    { "selector", "k.selector" },
    { "created", "UNIX_TIMESTAMP(k.created)" },
    { "modified", "UNIX_TIMESTAMP(k.modified)" },
};
const struct listing dkim_listing = {
    "dkim.list", ROW, "dkim k", NULL, "k.domain_name", NULL,
    "k.domain_name LIKE :search OR k.selector LIKE :search OR k.description COLLATE utf8mb4_unicode_ci LIKE :search",
    "k.domain_name LIKE :spelled", "k.id", sorts, COUNT(sorts), &row_shape, NULL, NULL,
};

enum outcome store_dkim_find(struct task *t, int64_t id, struct dkim_key *out)
{
    struct dkim_key key = { .id = id };

    return statement_one(t, &dkim_statements[FIND], &key, out);
}

enum outcome store_dkim_lock(struct task *t, int64_t id, struct dkim_key *out)
{
    struct dkim_key key = { .id = id };

    return statement_one(t, &dkim_statements[LOCK], &key, out);
}

enum outcome store_dkim_of_domain(struct task *t, struct text domain, struct rows *out)
{
    struct dkim_key key = { .domain = domain };

    return statement_all(t, &dkim_statements[OF_DOMAIN], &key, out);
}

enum outcome store_dkim_named(struct task *t, struct text domain, struct text selector)
{
    struct dkim_key key = { .domain = domain, .selector = selector };

    return statement_one(t, &dkim_statements[NAMED], &key, &key);
}

enum outcome store_dkim_insert(struct task *t, struct dkim_key *k)
{
    enum outcome o = statement_run(t, &dkim_statements[INSERT], k, NULL);

    if (o == DONE)
        k->id = statement_new_number(t);
    return o;
}

enum outcome store_dkim_keep_private(struct task *t, const struct dkim_key *k)
{
    return statement_run(t, &dkim_statements[KEEP_PRIVATE], k, NULL);
}

enum outcome store_dkim_delete(struct task *t, int64_t id)
{
    struct dkim_key key = { .id = id };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &dkim_statements[DELETE], &key, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}

enum outcome store_dkim_stop(struct task *t, struct text domain)
{
    struct dkim_key key = { .domain = domain };

    return statement_run(t, &dkim_statements[STOP], &key, NULL);
}

enum outcome store_dkim_start(struct task *t, struct text domain, int64_t id)
{
    struct dkim_key key = { .id = id, .domain = domain };

    return statement_run(t, &dkim_statements[START], &key, NULL);
}

enum outcome store_dkim_name_taken(struct task *t, int64_t image, bool *out)
{
    struct counted row = { .image = image };
    enum outcome o = statement_one(t, &dkim_statements[COUNT_KEPT], &row, &row);

    *out = row.count > 0;
    return o;
}

enum outcome store_dkim_signings(struct task *t, struct rows *out)
{
    return statement_all(t, &dkim_statements[SIGNINGS], NULL, out);
}
