/* server/store/journal.c */
#include "store/journal.h"

#include "store/statements.h"

static const struct field chain_fields[] = {
    COLUMN(struct chain_head, chain), COLUMN(struct chain_head, link),  COLUMN(struct chain_head, hash),
    COLUMN(struct chain_head, stamp), COLUMN(struct chain_head, start), COLUMN(struct chain_head, record),
};
static const struct shape chain_shape = SHAPE(struct chain_head, "ChainHead", chain_fields);

static const struct field record_fields[] = {
    FIELD(struct record, id, .flags = KEY), COLUMN(struct record, at),       COLUMN(struct record, actor),
    COLUMN(struct record, source),          COLUMN(struct record, via),      COLUMN(struct record, verb),
    COLUMN(struct record, target),          COLUMN(struct record, domain),   COLUMN(struct record, before),
    COLUMN(struct record, after),           COLUMN(struct record, chain),    COLUMN(struct record, link),
    COLUMN(struct record, hash),            COLUMN(struct record, hash_key), COLUMN(struct record, stamp),
    COLUMN(struct record, image),           COLUMN(struct record, undoes),   COLUMN(struct record, undone_by),
    COLUMN(struct record, undoable),        COLUMN(struct record, previous), COLUMN(struct record, note),
};
static const struct shape row_shape = SHAPE(struct record, "Record", record_fields);

struct count_row {
    int64_t chained, foreign;
};
static const struct field count_fields[] = { COLUMN(struct count_row, chained), COLUMN(struct count_row, foreign) };
static const struct shape count_shape = SHAPE(struct count_row, "RecordCount", count_fields);

#define STAMP "'%Y-%m-%d %H:%i:%s'"
#define HEAD "SELECT c.chain, c.link, c.record, c.hash, NOW() AS stamp FROM postreeve_log_chain c"

/* A change can be undone as long as its former state is kept; a creation, as long as nobody undid it. */
#define UNDOABLE                                                                                                  \
    "l.undone_by IS NULL AND l.chain IS NOT NULL AND (l.before_state IS NULL AND l.after_state IS NOT NULL"       \
    " AND l.action NOT LIKE 'session.%' AND l.action NOT LIKE 'token.%' AND l.action NOT LIKE 'letter.%'" \
    " AND l.action NOT LIKE 'broadcast.%'"                                          \
    " OR EXISTS (SELECT 1 FROM postreeve_image i WHERE i.image = l.image))"
#define ROW                                                                                                       \
    "l.id, UNIX_TIMESTAMP(l.timestamp) AS at, COALESCE(l.actor, l.username) AS actor,"                            \
    " COALESCE(l.source, '') AS source, COALESCE(l.via, '') AS via, l.action AS verb, l.data AS target, l.domain," \
    " l.before_state AS `before`, l.after_state AS `after`, COALESCE(l.undoes, 0) AS undoes,"                     \
    " COALESCE(l.undone_by, 0) AS undone_by, " UNDOABLE " AS undoable,"                                             \
    " IF(l.action IN ('mailbox.delete', 'domain.delete'), 'letters_untouched', NULL) AS note"
#define LINKS                                                                                                     \
    ", COALESCE(l.chain, -1) AS chain, COALESCE(l.link, 0) AS link, COALESCE(l.previous, 0) AS previous,"  \
    " l.hash, l.hash_key,"                          \
    " COALESCE(l.image, 0) AS image, DATE_FORMAT(l.timestamp, " STAMP ") AS stamp"

/* For actors who are no super admin: nothing of what was done to a super admin. Where the target is a number, the account
 * stands in what is behind it. */
#define OF_A_SUPER(state) "LOCATE(CONCAT('\"', u.username, '\"'), " state ")"
#define BELOW_SUPER                                                                                               \
    "NOT EXISTS (SELECT 1 FROM admin s WHERE s.username = l.data AND s.superadmin = 1)"                           \
    " AND (l.data LIKE '%@%' OR NOT EXISTS (SELECT 1 FROM admin u WHERE u.superadmin = 1"                         \
    " AND (" OF_A_SUPER("l.before_state") " OR " OF_A_SUPER("l.after_state") ")))"

enum { TAKE, TAKE_NEXT, WAIT, HEAD_OF, INSERT, MOVE_HEAD, EACH, COUNT_ALL, LOCK, FIND, FIND_BELOW, NEWER, MARK };
const struct statement journal_statements[] = {
    [TAKE] = { "chain.take", HEAD " WHERE c.chain = :start FOR UPDATE SKIP LOCKED", &chain_shape, &chain_shape },
    [TAKE_NEXT] = { "chain.take_next", HEAD " WHERE c.chain >= :start ORDER BY c.chain LIMIT 1 FOR UPDATE SKIP LOCKED",
                    &chain_shape, &chain_shape },
    [WAIT] = { "chain.wait", HEAD " WHERE c.chain = :start FOR UPDATE", &chain_shape, &chain_shape },
    [HEAD_OF] = { "chain.head", HEAD " WHERE c.chain = :chain", &chain_shape, &chain_shape },
    /* Postfix Admin's own columns are filled its way, so that its log view shows our changes, too. */
    [INSERT] = { "record.insert",
                 "INSERT INTO log (timestamp, username, domain, action, data, actor, source, via, before_state,"
                 " after_state, chain, link, previous, hash, hash_key, image, undoes)"
                 " VALUES (:stamp, LEFT(CONCAT(:actor, ' (', :source, ')'), 255), :domain, :verb, :target, :actor,"
                 " :source, :via, :before, :after, :chain, :link, :previous, :hash, :hash_key, NULLIF(:image, 0),"
                 " NULLIF(:undoes, 0))",
                 &row_shape, NULL },
    [MOVE_HEAD] = { "chain.move_head",
                    "UPDATE postreeve_log_chain SET link = :link, record = :id, hash = :hash WHERE chain = :chain", &row_shape, NULL },
    [EACH] = { "record.each", "SELECT " ROW LINKS " FROM log l WHERE l.chain = :chain ORDER BY l.link", &chain_shape,
               &row_shape },
    [COUNT_ALL] = { "record.count", "SELECT COUNT(l.chain) AS chained, COUNT(*) - COUNT(l.chain) AS `foreign` FROM log l",
                    NULL, &count_shape },
    [LOCK] = { "record.lock", "SELECT " ROW LINKS " FROM log l WHERE l.id = :id FOR UPDATE", &row_shape, &row_shape },
    [FIND] = { "record.find", "SELECT " ROW LINKS " FROM log l WHERE l.id = :id", &row_shape, &row_shape },
    [FIND_BELOW] = { "record.find_below", "SELECT " ROW LINKS " FROM log l WHERE l.id = :id AND " BELOW_SUPER, &row_shape,
                     &row_shape },
    [NEWER] = { "record.newer",
                "SELECT " ROW " FROM log l WHERE l.data = :target AND l.id > :id AND l.chain IS NOT NULL"
                " AND l.undone_by IS NULL AND COALESCE(l.undoes, :id) <= :id AND l.action NOT LIKE 'session.%'"
                " AND SUBSTRING_INDEX(l.action, '.', 1) IN (SUBSTRING_INDEX(:verb, '.', 1), 'me', 'log',"
                " IF(:verb LIKE 'mailbox.%', 'alias', ''), IF(:verb LIKE 'alias.%' OR :verb LIKE 'me.%', 'mailbox', ''))"
                " ORDER BY l.id LIMIT 1",
                &row_shape, &row_shape },
    [MARK] = { "record.mark_undone", "UPDATE log SET undone_by = NULLIF(:undone_by, 0) WHERE id = :id", &row_shape,
               NULL },
    { 0 },
};

static const struct sort log_sorts[] = { { "id", "l.id" } };
static const struct filter log_filters[] = {
    { "actor", "l.actor = :actor" },
    { "verb", "l.action = :verb OR l.action LIKE CONCAT(:verb, '.%')" },
    { "since", "l.timestamp >= FROM_UNIXTIME(:since)" },
    { "until", "l.timestamp < FROM_UNIXTIME(:until)" },
    { 0 },
};
const struct listing log_listing = {
    "log.list", ROW, "log l", NULL, "l.domain",
    BELOW_SUPER,
    "l.data COLLATE utf8mb4_unicode_ci LIKE :search OR l.actor LIKE :search OR l.action LIKE :search",
    "l.data LIKE :spelled", "l.id", log_sorts, COUNT(log_sorts), &row_shape, log_filters, NULL,
};

/* That of `start`; when it is held, the next to the end, then from the first; when all 64 are held, it waits for one. */
enum outcome store_chain_take(struct task *t, int64_t start, struct chain_head *out)
{
    struct chain_head from = { .start = start };
    enum outcome o = statement_one(t, &journal_statements[TAKE], &from, out);

    if (o == MISSING)
        o = statement_one(t, &journal_statements[TAKE_NEXT], &from, out);
    from.start = 0;
    if (o == MISSING && start > 0)
        o = statement_one(t, &journal_statements[TAKE_NEXT], &from, out);
    from.start = start;
    return o == MISSING ? statement_one(t, &journal_statements[WAIT], &from, out) : o;
}

enum outcome store_record_add(struct task *t, struct record *r)
{
    enum outcome o = statement_run(t, &journal_statements[INSERT], r, NULL);

    if (o == DONE) {
        r->id = statement_new_number(t);
        o = statement_run(t, &journal_statements[MOVE_HEAD], r, NULL);
    }
    return o;
}

enum outcome store_record_each(struct task *t, int64_t chain, row_fn *take, void *context)
{
    struct chain_head of = { .chain = chain };

    return statement_each(t, &journal_statements[EACH], &of, take, context);
}

enum outcome store_chain_head(struct task *t, int64_t chain, struct chain_head *out)
{
    struct chain_head of = { .chain = chain };

    return statement_one(t, &journal_statements[HEAD_OF], &of, out);
}

enum outcome store_record_count(struct task *t, int64_t *chained, int64_t *foreign)
{
    struct count_row row = { 0 };
    enum outcome o = statement_one(t, &journal_statements[COUNT_ALL], NULL, &row);

    *chained = row.chained;
    *foreign = row.foreign;
    return o;
}

enum outcome store_record_lock(struct task *t, int64_t id, struct record *out)
{
    struct record key = { .id = id };

    return statement_one(t, &journal_statements[LOCK], &key, out);
}

enum outcome store_record_find(struct task *t, int64_t id, struct record *out)
{
    struct record key = { .id = id };

    return statement_one(t, &journal_statements[FIND], &key, out);
}

enum outcome store_record_find_below_super(struct task *t, int64_t id, struct record *out)
{
    struct record key = { .id = id };

    return statement_one(t, &journal_statements[FIND_BELOW], &key, out);
}

enum outcome store_record_newer(struct task *t, const struct record *than, struct record *out)
{
    return statement_one(t, &journal_statements[NEWER], than, out);
}

enum outcome store_record_mark_undone(struct task *t, int64_t id, int64_t undone_by)
{
    struct record r = { .id = id, .undone_by = undone_by };

    return statement_run(t, &journal_statements[MARK], &r, NULL);
}
