/* server/store/routing.c */
#include "store/routing.h"

#include "store/statements.h"

#define TIMES(row) "UNIX_TIMESTAMP(" row ".created) AS created, UNIX_TIMESTAMP(" row ".modified) AS modified"
#define TRANSPORT_ROW "r.destination, r.transport, r.description, r.active, " TIMES("r")
#define ACCESS_ROW "s.sender, s.action, s.reply, s.description, s.active, " TIMES("s")

enum { FIND, LOCK, INSERT, UPDATE, DELETE };

const struct statement transport_statements[] = {
    [FIND] = { "transport.find", "SELECT " TRANSPORT_ROW " FROM postreeve_transport r WHERE r.destination = :destination",
               &transport_shape, &transport_shape },
    [LOCK] = { "transport.lock",
               "SELECT " TRANSPORT_ROW " FROM postreeve_transport r WHERE r.destination = :destination FOR UPDATE",
               &transport_shape, &transport_shape },
    [INSERT] = { "transport.insert",
                 "INSERT INTO postreeve_transport (destination, transport, description, active, created, modified)"
                 " VALUES (:destination, :transport, :description, :active, NOW(), NOW())",
                 &transport_shape, NULL },
    [UPDATE] = { "transport.update",
                 "UPDATE postreeve_transport SET transport = :transport, description = :description, active = :active,"
                 " modified = NOW() WHERE destination = :destination",
                 &transport_shape, NULL },
    [DELETE] = { "transport.delete", "DELETE FROM postreeve_transport WHERE destination = :destination", &transport_shape,
                 NULL },
    { 0 },
};

static const struct sort transport_sorts[] = {
    { "destination", "r.destination" },
    { "transport", "r.transport" },
    { "modified", "UNIX_TIMESTAMP(r.modified)" },
};
static const struct filter transport_filters[] = { { "active", "r.active = :active" }, { 0 } };
const struct listing transport_listing = {
    "transport.list", TRANSPORT_ROW, "postreeve_transport r", NULL, NULL, NULL,
    "r.destination LIKE :search OR r.transport COLLATE utf8mb4_unicode_ci LIKE :search"
    " OR r.description COLLATE utf8mb4_unicode_ci LIKE :search",
    "r.destination LIKE :spelled", "r.destination", transport_sorts, COUNT(transport_sorts), &transport_shape,
    transport_filters, NULL,
};

enum outcome store_transport_find(struct task *t, struct text destination, struct transport *out)
{
    struct transport key = { .destination = destination };

    return statement_one(t, &transport_statements[FIND], &key, out);
}

enum outcome store_transport_lock(struct task *t, struct text destination, struct transport *out)
{
    struct transport key = { .destination = destination };

    return statement_one(t, &transport_statements[LOCK], &key, out);
}

enum outcome store_transport_insert(struct task *t, const struct transport *r)
{
    return statement_run(t, &transport_statements[INSERT], r, NULL);
}

enum outcome store_transport_update(struct task *t, const struct transport *r)
{
    return statement_run(t, &transport_statements[UPDATE], r, NULL);
}

enum outcome store_transport_delete(struct task *t, struct text destination)
{
    struct transport key = { .destination = destination };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &transport_statements[DELETE], &key, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}

const struct statement sender_access_statements[] = {
    [FIND] = { "sender_access.find", "SELECT " ACCESS_ROW " FROM postreeve_sender_access s WHERE s.sender = :sender",
               &sender_access_shape, &sender_access_shape },
    [LOCK] = { "sender_access.lock",
               "SELECT " ACCESS_ROW " FROM postreeve_sender_access s WHERE s.sender = :sender FOR UPDATE",
               &sender_access_shape, &sender_access_shape },
    [INSERT] = { "sender_access.insert",
                 "INSERT INTO postreeve_sender_access (sender, action, reply, description, active, created, modified)"
                 " VALUES (:sender, :action, :reply, :description, :active, NOW(), NOW())",
                 &sender_access_shape, NULL },
    [UPDATE] = { "sender_access.update",
                 "UPDATE postreeve_sender_access SET action = :action, reply = :reply, description = :description,"
                 " active = :active, modified = NOW() WHERE sender = :sender",
                 &sender_access_shape, NULL },
    [DELETE] = { "sender_access.delete", "DELETE FROM postreeve_sender_access WHERE sender = :sender",
                 &sender_access_shape, NULL },
    { 0 },
};

static const struct sort sender_access_sorts[] = {
    { "sender", "s.sender" },
    { "action", "s.action" },
    { "modified", "UNIX_TIMESTAMP(s.modified)" },
};
static const struct filter sender_access_filters[] = { { "active", "s.active = :active" }, { 0 } };
const struct listing sender_access_listing = {
    "sender_access.list", ACCESS_ROW, "postreeve_sender_access s", NULL, NULL, NULL,
    "s.sender LIKE :search OR s.action COLLATE utf8mb4_unicode_ci LIKE :search"
    " OR s.reply COLLATE utf8mb4_unicode_ci LIKE :search OR s.description COLLATE utf8mb4_unicode_ci LIKE :search",
    "s.sender LIKE :spelled", "s.sender", sender_access_sorts, COUNT(sender_access_sorts), &sender_access_shape,
    sender_access_filters, NULL,
};

enum outcome store_sender_access_find(struct task *t, struct text sender, struct sender_access *out)
{
    struct sender_access key = { .sender = sender };

    return statement_one(t, &sender_access_statements[FIND], &key, out);
}

enum outcome store_sender_access_lock(struct task *t, struct text sender, struct sender_access *out)
{
    struct sender_access key = { .sender = sender };

    return statement_one(t, &sender_access_statements[LOCK], &key, out);
}

enum outcome store_sender_access_insert(struct task *t, const struct sender_access *a)
{
    return statement_run(t, &sender_access_statements[INSERT], a, NULL);
}

enum outcome store_sender_access_update(struct task *t, const struct sender_access *a)
{
    return statement_run(t, &sender_access_statements[UPDATE], a, NULL);
}

enum outcome store_sender_access_delete(struct task *t, struct text sender)
{
    struct sender_access key = { .sender = sender };
    int64_t gone = 0;
    enum outcome o = statement_run(t, &sender_access_statements[DELETE], &key, &gone);

    return o == DONE && gone == 0 ? MISSING : o;
}
