/* lookup/tables.c */
#include "lookup/tables.h"

#include "base/log.h"
#include "lookup/directory.h"
#include "lookup/render_parts.h"
#include "lookup/table.h"

#include <string.h>

const char *const maps_words[] = {
    [MAPS_MYSQL] = "mysql", [MAPS_PROXY] = "proxy", [MAPS_LMDB] = "lmdb", [MAPS_HASH] = "hash", NULL,
};

const char *maps_table_type(enum maps maps)
{
    return maps == MAPS_LMDB ? "lmdb" : "hash"; /* which every Postfix of Debian has built in */
}

bool tables_hold(const struct question *q, enum maps maps)
{
    if (q->asker != ASKED_BY_POSTFIX)
        return false;
    return maps == MAPS_LMDB || maps == MAPS_HASH || q->answer == ANSWER_LOG_IN;
}

struct text tables_name(struct task *t, const char *map)
{
    return task_printf(t, "table_%s", map);
}

/* ---- which keys can have an answer ---- */

#define DOMAIN_OF(address) "SUBSTRING_INDEX(" address ", '@', -1)"
#define LOCAL_PART_OF(address) "LEFT(" address ", CHAR_LENGTH(" address ") - CHAR_LENGTH(" DOMAIN_OF(address) ") - 1)"
#define IN_ALIAS_DOMAIN(address) "CONCAT(" LOCAL_PART_OF(address) ", '@', ad.alias_domain)"

/* In turns, so that the many rows come off the primary key, and nothing is sorted but what is few. No key comes twice. */
static const struct { const char *map; enum key_kind kind; const char *keys; } sources[] = { /* map: for that one alone */
    { NULL, KEY_DOMAIN, "SELECT d.domain AS `key` FROM domain d" },
    { NULL, KEY_ADDRESS, "SELECT a.address AS `key` FROM alias a" },
    { NULL, KEY_ADDRESS,
      "SELECT m.username AS `key` FROM mailbox m WHERE NOT EXISTS (SELECT 1 FROM alias o WHERE o.address = m.username)" },
    { NULL, KEY_ADDRESS,
      "SELECT DISTINCT u.`key` FROM ("
      "SELECT " IN_ALIAS_DOMAIN("a.address") " AS `key` FROM alias_domain ad JOIN alias a ON a.domain = ad.target_domain"
      " UNION ALL SELECT " IN_ALIAS_DOMAIN("m.username")
      " FROM alias_domain ad JOIN mailbox m ON m.domain = ad.target_domain"
      " UNION ALL SELECT s.sender FROM postreeve_sender_login s"
      " UNION ALL SELECT " IN_ALIAS_DOMAIN("s.sender")
      " FROM alias_domain ad JOIN postreeve_sender_login s ON " DOMAIN_OF("s.sender") " = ad.target_domain"
      " UNION ALL SELECT CONCAT('@', d.domain) FROM domain d) u"
      " WHERE NOT EXISTS (SELECT 1 FROM alias o WHERE o.address = u.`key`)"
      " AND NOT EXISTS (SELECT 1 FROM mailbox o WHERE o.username = u.`key`)" },
    /* Of a million addresses a handful is switched off, or in a domain that we are a backup MX for. */
    { "check_recipient_access", KEY_ADDRESS, "SELECT a.address AS `key` FROM alias a WHERE a.active = 0 OR a.answers_until IS NOT NULL" },
    { "check_recipient_access", KEY_ADDRESS,
      "SELECT m.username AS `key` FROM mailbox m WHERE m.active = 0 AND NOT EXISTS"
      " (SELECT 1 FROM alias o WHERE o.address = m.username AND (o.active = 0 OR o.answers_until IS NOT NULL))" },
    { "check_recipient_access", KEY_ADDRESS,
      "SELECT DISTINCT u.`key` FROM ("
      "SELECT " IN_ALIAS_DOMAIN("a.address") " AS `key` FROM alias_domain ad JOIN alias a ON a.domain = ad.target_domain"
      " AND (a.active = 0 OR a.answers_until IS NOT NULL)"
      " UNION ALL SELECT " IN_ALIAS_DOMAIN("m.username")
      " FROM alias_domain ad JOIN mailbox m ON m.domain = ad.target_domain AND m.active = 0) u"
      " WHERE NOT EXISTS (SELECT 1 FROM alias o WHERE o.address = u.`key`)"
      " AND NOT EXISTS (SELECT 1 FROM mailbox o WHERE o.username = u.`key`)" },
    { "relay_recipient_maps", KEY_ADDRESS,
      "SELECT DISTINCT u.`key` FROM ("
      "SELECT a.address AS `key` FROM domain d JOIN alias a ON a.domain = d.domain WHERE d.backupmx = 1"
      " UNION ALL SELECT m.username FROM domain d JOIN mailbox m ON m.domain = d.domain WHERE d.backupmx = 1"
      " UNION ALL SELECT CONCAT('@', d.domain) FROM domain d WHERE d.backupmx = 1) u" },
    { NULL, KEY_DESTINATION,
      "SELECT r.destination AS `key` FROM postreeve_transport r UNION SELECT r.scope FROM postreeve_relay r"
      " UNION SELECT d.domain FROM domain d" },
    { NULL, KEY_SENDER, "SELECT s.sender AS `key` FROM postreeve_sender_access s" },
    { NULL, KEY_RELAYED, "SELECT r.scope AS `key` FROM postreeve_relay r" },
    { NULL, KEY_NEXT_HOP, "SELECT r.nexthop AS `key` FROM postreeve_relay r UNION SELECT r.scope FROM postreeve_relay r" },
};

struct row {
    struct text key, value;
};
static const struct field row_fields[] = { COLUMN(struct row, key), COLUMN(struct row, value) };
static const struct shape row_shape = SHAPE(struct row, "TableRow", row_fields);

/* Whether the i-th source is one of q's: those of its own, else those of its kind. */
static bool is_source_of(const struct question *q, size_t i)
{
    if (sources[i].map)
        return strcmp(sources[i].map, q->map) == 0;
    for (size_t k = 0; k < COUNT(sources); k++)
        if (sources[k].map && strcmp(sources[k].map, q->map) == 0)
            return false;
    return sources[i].kind == q->key;
}

bool tables_statement(struct task *t, const struct question *q, size_t n, struct statement *out)
{
    for (size_t i = 0; i < COUNT(sources); i++) {
        if (!is_source_of(q, i) || n-- != 0)
            continue;
        *out = (struct statement){
            .name = q->map,
            .sql = task_printf(t,
                               "SELECT k.`key` AS `key`, %s AS value FROM (SELECT f.`key` AS `key`, " LOCAL_PART_OF("f.`key`")
                               " AS local_part, " DOMAIN_OF("f.`key`") " AS domain FROM (%s) f) k ORDER BY k.`key`",
                               q->answer == ANSWER_LOG_IN ? "''" : question_of_row(t, q).at, sources[i].keys).at,
            .takes = &asked_shape, .gives = &row_shape,
        };
        return true;
    }
    return false;
}

/* ---- lines ---- */

#define LINES_A_TASK 1000

struct writing {
    struct output *to;
    const struct question *q;
    struct task *lines; /* memory of the last of them */
    size_t count;
};

static struct text without_repeats(struct task *t, struct text list)
{
    struct text out = TEXT("");

    for (size_t at = 0; at < list.length;) {
        struct text rest = text_part(list, at, list.length);
        size_t length = text_find(rest, ',');
        struct text word = text_part(rest, 0, length == TEXT_NOT_FOUND ? rest.length : length);
        struct text whole = task_printf(t, ",%.*s,", (int)out.length, out.at);
        struct text wanted = task_printf(t, ",%.*s,", (int)word.length, word.at);

        if (!strstr(whole.at, wanted.at))
            out = out.length ? task_join(t, task_join(t, out, TEXT(",")), word) : word;
        at += word.length + 1;
    }
    return out;
}

/* Of all answers a path alone is another with a blank in it, or without one: somebody else's mailbox, even. */
static bool is_held(const struct question *q, struct text value)
{
    return strcmp(q->map, "virtual_mailbox_maps") != 0
           || (!text_has_control(value, "") && text_trim(value).length == value.length);
}

static void write_line(struct writing *w, struct text key, struct text value)
{
    struct text line;

    if (w->q->answer == ANSWER_LIST)
        value = without_repeats(w->lines, value);
    if (is_held(w->q, value) && table_line(w->lines, key, value, &line))
        output_write(w->to, line);
    else
        log_line(LOG_WARN, "%s leaves out %.*s: a table of Postfix cannot hold that", w->q->map, (int)key.length, key.at);
}

static enum outcome take_row(void *context, const void *it)
{
    struct writing *w = context;
    const struct row *row = it;

    if (++w->count % LINES_A_TASK == 0) {
        task_close(w->lines);
        w->lines = task_open();
    }
    if (row->value.length)
        write_line(w, row->key, row->value);
    return DONE;
}

static enum outcome write_answers(struct task *t, const struct config *c, struct writing *w)
{
    struct asked a = directory_settings(c);
    struct statement s;
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && tables_statement(t, w->q, i, &s); i++)
        o = statement_each(t, &s, &a, take_row, w);
    return o;
}

/* A handful; the password of each is opened. */
static enum outcome write_log_ins(struct task *t, const struct config *c, struct writing *w)
{
    struct asked a = directory_settings(c);
    struct rows rows = { 0 };
    struct statement s;
    enum outcome o = tables_statement(t, w->q, 0, &s) ? statement_all(t, &s, &a, &rows) : BROKEN;

    for (size_t i = 0; o == DONE && i < rows.count; i++) {
        struct text username = TEXT(""), value = TEXT("");

        a.key = ((const struct row *)rows.items)[i].key;
        o = directory_log_in(t, c, &a, &username, &value);
        if (o == RETRY && username.length) {
            value = task_printf(t, "%.*s:", (int)username.length, username.at);
            o = DONE;
        }
        if (o == DONE)
            write_line(w, a.key, value);
        o = o == MISSING ? DONE : o;
    }
    return o;
}

static enum outcome write_table(struct task *t, const struct config *c, const char *path, struct writing *w)
{
    enum outcome o = output_check_mark(path, RENDER_MARK);

    if (o == DONE)
        o = output_directories(t, path);
    if (o == DONE)
        o = output_open(t, path, OUTPUT_SECRET, &w->to);
    if (o != DONE)
        return o;
    output_write(w->to, TEXT(RENDER_MARK));
    output_write(w->to, task_printf(t, "# %s\n", w->q->doc));
    w->lines = task_open();
    o = w->q->answer == ANSWER_LOG_IN ? write_log_ins(t, c, w) : write_answers(t, c, w);
    task_close(w->lines);
    return o;
}

enum outcome tables(struct task *t, const struct config *c, const char *out, enum maps maps)
{
    const struct table_type *type = table_type_named(text_of(maps_table_type(maps)));
    char *all = task_c_string(t, task_printf(t, "%s/postfix/", out));
    enum outcome o = output_directories(t, all);

    if (o == DONE)
        o = output_turn(t, all);
    for (const struct question *q = questions; o == DONE && q->map; q++) {
        struct writing w = { .q = q };
        char *path = task_c_string(t, task_printf(t, "%s/postfix/%s", out, tables_name(t, q->map).at));

        if (!tables_hold(q, maps))
            continue;
        o = write_table(t, c, path, &w);
        if (o == DONE)
            o = table_keep(t, w.to, path, type);
    }
    return o;
}
