/* server/store/broadcast.c */
#include "store/broadcast.h"

#include "store/statements.h"

struct noted {
    struct broadcast b;
    struct text was_done_to;
};
#define OF(member) { .name = #member, .kind = KIND_OF(((struct noted *)0)->b.member), \
                     .offset = offsetof(struct noted, b.member) }
static const struct field noted_fields[] = {
    OF(id), OF(done_to), OF(sent), OF(failed), OF(last_error), OF(state), COLUMN(struct noted, was_done_to),
};
static const struct shape noted_shape = SHAPE(struct noted, "BroadcastNote", noted_fields);

static const struct field row_fields[] = {
    FIELD(struct broadcast, id, .flags = KEY), COLUMN(struct broadcast, domains), COLUMN(struct broadcast, subject),
    COLUMN(struct broadcast, body),            COLUMN(struct broadcast, from),    COLUMN(struct broadcast, from_name),
    COLUMN(struct broadcast, actor),           COLUMN(struct broadcast, state),   COLUMN(struct broadcast, last_error),
    COLUMN(struct broadcast, total),           COLUMN(struct broadcast, sent),    COLUMN(struct broadcast, failed),
    COLUMN(struct broadcast, created),         COLUMN(struct broadcast, finished), COLUMN(struct broadcast, domain),
    COLUMN(struct broadcast, done_to),         COLUMN(struct broadcast, limit),
};
static const struct shape row_shape = SHAPE(struct broadcast, "BroadcastRow", row_fields);

static const struct field addressee_fields[] = {
    COLUMN(struct addressee, address), COLUMN(struct addressee, display_name),
};
static const struct shape addressee_shape = SHAPE(struct addressee, "Addressee", addressee_fields);

#define ROW                                                                                                    \
    "b.id, b.domains, b.subject, b.sender AS `from`, b.from_name, b.actor, b.state, b.last_error, b.total, b.sent," \
    " b.failed, UNIX_TIMESTAMP(b.created) AS created, UNIX_TIMESTAMP(b.finished) AS finished, b.domain"
#define ADDRESSEES                                                                                             \
    " FROM mailbox m JOIN domain d ON d.domain = m.domain AND d.active = 1 WHERE m.active = 1"                 \
    " AND (:domains = '' OR FIND_IN_SET(m.domain, :domains))"
#define OPEN "state IN ('waiting', 'running')"

enum { INSERT, FIND, LOCK, CANCEL, COUNT_ALL, NEXT, NOTE };
const struct statement broadcast_statements[] = {
    [INSERT] = { "broadcast.insert",
                 "INSERT INTO postreeve_broadcast (actor, domain, domains, subject, body, sender, from_name, total, created)"
                 " VALUES (:actor, :domain, :domains, :subject, :body, :from, :from_name, :total, NOW())",
                 &row_shape, NULL },
    [FIND] = { "broadcast.find", "SELECT " ROW ", b.body, b.done_to FROM postreeve_broadcast b WHERE b.id = :id",
               &row_shape, &row_shape },
    [LOCK] = { "broadcast.lock", "SELECT " ROW " FROM postreeve_broadcast b WHERE b.id = :id FOR UPDATE", &row_shape,
               &row_shape },
    [CANCEL] = { "broadcast.cancel",
                 "UPDATE postreeve_broadcast SET state = 'cancelled', finished = NOW() WHERE id = :id AND " OPEN, &row_shape,
                 NULL },
    [COUNT_ALL] = { "broadcast.count", "SELECT COUNT(*) AS total" ADDRESSEES, &row_shape, &row_shape },
    /* In the order of the primary key, so that all batches together read the table once. */
    [NEXT] = { "broadcast.next",
               "SELECT m.username AS address, m.name AS display_name" ADDRESSEES
               " AND m.username > :done_to ORDER BY m.username LIMIT :limit",
               &row_shape, &addressee_shape },
    [NOTE] = { "broadcast.note",
               "UPDATE postreeve_broadcast SET finished = IF(:state = 'done' AND " OPEN ", NOW(), finished),"
               " state = IF(" OPEN ", :state, state), done_to = :done_to, sent = :sent, failed = :failed,"
               " last_error = :last_error WHERE id = :id AND done_to = :was_done_to",
               &noted_shape, NULL },
    { 0 },
};

static const struct sort sorts[] = { { "id", "b.id" } };
static const struct filter filters[] = { { "state", "b.state = :state" }, { 0 } };
const struct listing broadcast_listing = {
    "broadcast.list", ROW, "postreeve_broadcast b", NULL, "b.domain", "b.actor = :owner",
    "b.subject COLLATE utf8mb4_unicode_ci LIKE :search OR b.actor LIKE :search", NULL, "b.id", sorts, COUNT(sorts),
    &row_shape, filters, NULL,
};

enum outcome store_broadcast_insert(struct task *t, struct broadcast *b)
{
    enum outcome o = statement_run(t, &broadcast_statements[INSERT], b, NULL);

    if (o == DONE)
        b->id = statement_new_number(t);
    return o;
}

enum outcome store_broadcast_find(struct task *t, int64_t id, struct broadcast *out)
{
    struct broadcast key = { .id = id };

    return statement_one(t, &broadcast_statements[FIND], &key, out);
}

enum outcome store_broadcast_lock(struct task *t, int64_t id, struct broadcast *out)
{
    struct broadcast key = { .id = id };

    return statement_one(t, &broadcast_statements[LOCK], &key, out);
}

enum outcome store_broadcast_cancel(struct task *t, int64_t id)
{
    struct broadcast key = { .id = id };

    return statement_run(t, &broadcast_statements[CANCEL], &key, NULL);
}

enum outcome store_broadcast_count(struct task *t, const struct broadcast *b, int64_t *out)
{
    struct broadcast found = { 0 };
    enum outcome o = statement_one(t, &broadcast_statements[COUNT_ALL], b, &found);

    *out = found.total;
    return o;
}

enum outcome store_broadcast_next(struct task *t, const struct broadcast *b, struct rows *out)
{
    return statement_all(t, &broadcast_statements[NEXT], b, out);
}

enum outcome store_broadcast_note(struct task *t, const struct broadcast *b, struct text was_done_to)
{
    struct noted note = { *b, was_done_to };
    int64_t found = 0;
    enum outcome o = statement_run(t, &broadcast_statements[NOTE], &note, &found);

    return o == DONE && found == 0 ? MISSING : o;
}
