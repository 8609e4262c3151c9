/* server/store/listing.c */
#include "store/listing.h"

#include "model/address.h"
#include "model/secret.h"

#include <string.h>

#define CURSOR_SEPARATOR '\x1f' /* cannot occur in a key: the edge refuses control characters */

static const struct field page_fields[] = {
    FIELD(struct page, limit, .min = 1, .max = PAGE_LIMIT_MAX, .doc = "How many items at most."),
    FIELD(struct page, cursor, .max = 2000, .doc = "`next` of the page before; absent for the first page."),
    FIELD(struct page, search, .max = 255, .doc = "Only items that hold this text."),
    FIELD(struct page, sort, .max = 64, .doc = "A field to sort by; a leading - turns it around."),
    FIELD(struct page, total, .doc = "Whether to count them all."),
    FIELD(struct page, domain, .max = 255, .canon = domain_canon, .doc = "Only what is in this domain."),
    FIELD(struct page, actor, .max = ADDRESS_MAX, .doc = "Only what this account did."),
    FIELD(struct page, verb, .max = 64, .doc = "Only this verb, as in mailbox.create; or all of a noun, as in mailbox."),
    FIELD(struct page, state, .max = 16, .doc = "Only what is in this state."),
    FIELD(struct page, active, .doc = "Only what is active, or only what is not."),
    FIELD(struct page, since, .doc = "Only from this moment on."),
    FIELD(struct page, until, .doc = "Only before this moment."),
};
#define COMMON_FIELDS 5 /* limit to total */
#define FEW_ROWS 5000   /* sorted in some milliseconds; with more, the table's own order soon comes by enough of them */
const struct shape page_shape = SHAPE(struct page, "Page", page_fields);

struct asked { /* the values of a list's statement */
    int64_t limit, cursor_number, total;
    struct text cursor_text, cursor_key, search, spelled, plain, spelled_plain, domain, owner, only_domains, actor, verb,
        state;
    bool active;
    struct moment since, until;
};

static const struct field asked_fields[] = {
    COLUMN(struct asked, limit),       COLUMN(struct asked, cursor_number), COLUMN(struct asked, total),
    COLUMN(struct asked, cursor_text), COLUMN(struct asked, cursor_key),    COLUMN(struct asked, search),
    COLUMN(struct asked, spelled),     COLUMN(struct asked, plain),         COLUMN(struct asked, spelled_plain),
    COLUMN(struct asked, domain),      COLUMN(struct asked, owner),         COLUMN(struct asked, only_domains),
    COLUMN(struct asked, actor),       COLUMN(struct asked, verb),          COLUMN(struct asked, active),
    COLUMN(struct asked, since),       COLUMN(struct asked, until),         COLUMN(struct asked, state),
};
static const struct shape asked_shape = SHAPE(struct asked, "Asked", asked_fields);

struct variant {
    const struct sort *sort;
    bool downward, searching, behind_cursor, in_domain, of_owner, spelled, of_some_domains, few;
    field_set filtered; /* of page_shape */
};

static const struct field *sort_field(const struct listing *l, const struct sort *s)
{
    return shape_field(l->gives, text_of(s->field));
}

static const struct field *key_field(const struct listing *l)
{
    for (size_t i = 0; i < l->gives->count; i++)
        if (l->gives->fields[i].flags & KEY)
            return &l->gives->fields[i];
    return NULL;
}

static bool sorts_by_text(const struct listing *l, const struct sort *s)
{
    return sort_field(l, s)->kind == KIND_TEXT;
}

static struct text rows_of(struct task *t, const struct listing *l, const char *index, const char *joins)
{
    struct text hint = index ? task_printf(t, " FORCE INDEX (%s)", index) : TEXT("");

    return task_printf(t, " FROM %s%.*s%s", l->from, (int)hint.length, hint.at, joins ? joins : "");
}

static struct text matching(struct task *t, const struct listing *l, const struct variant *v)
{
    bool spelled = v->spelled && l->spelled;
    const struct shortcut *s = l->shortcut;
    struct text sql = TEXT("");

    if (s && s->sift)
        sql = task_printf(t, " AND (%s%s%s)", s->sift, spelled ? " OR " : "", spelled ? s->sift_spelled : "");
    return task_join(t, sql, task_printf(t, " AND (%s%s%s)", l->search, spelled ? " OR " : "", spelled ? l->spelled : ""));
}

static struct text conditions(struct task *t, const struct listing *l, const struct variant *v)
{
    struct text sql = task_printf(t, " WHERE %s", l->where ? l->where : "TRUE");

    if (v->in_domain)
        sql = task_join(t, sql, task_printf(t, " AND %s = :domain", l->domain));
    if (v->of_owner && v->in_domain) /* asked once, whatever the list holds */
        sql = task_join(t, sql, TEXT(" AND EXISTS (SELECT 1 FROM domain_admins da WHERE da.username = :owner"
                                     " AND da.domain = :domain AND da.active = 1)"));
    else if (v->of_owner)
        sql = task_join(t, sql, task_printf(t, " AND %s IN (SELECT da.domain FROM domain_admins da"
                                               " WHERE da.username = :owner AND da.active = 1)", l->domain));
    if (v->of_some_domains)
        sql = task_join(t, sql, task_printf(t, " AND FIND_IN_SET(%s, :only_domains)", l->domain));
    if (v->of_some_domains && l->shortcut && l->shortcut->other_domain)
        sql = task_join(t, sql, task_printf(t, " AND FIND_IN_SET(%s, :only_domains)", l->shortcut->other_domain));
    for (const struct filter *f = l->filters; f && f->field; f++)
        if (v->filtered & shape_bit(&page_shape, f->field))
            sql = task_join(t, sql, task_printf(t, " AND (%s)", f->condition));
    return v->searching ? task_join(t, sql, matching(t, l, v)) : sql;
}

static struct text beyond_cursor(struct task *t, const struct listing *l, const struct variant *v)
{
    const char *than = v->downward ? "<" : ">", *by = v->sort->expression;
    const char *at = sorts_by_text(l, v->sort) ? ":cursor_text" : ":cursor_number";

    if (strcmp(by, l->key) == 0)
        return task_printf(t, " AND %s %s :cursor_key", l->key, than);
    return task_printf(t, " AND (%s %s %s OR (%s = %s AND %s %s :cursor_key))", by, than, at, by, at, l->key, than);
}

static bool scattered(const struct listing *l, const struct variant *v)
{
    return l->shortcut && l->shortcut->domain_index && v->of_owner && !v->in_domain;
}

static const char *page_index(const struct listing *l, const struct variant *v)
{
    const char *ordered;

    if (scattered(l, v))
        return v->few ? l->shortcut->domain_index : "PRIMARY";
    if (!l->shortcut || !v->in_domain)
        return NULL;
    if (v->searching && l->shortcut->search_index)
        return l->shortcut->search_index;
    ordered = l->shortcut->indexes ? l->shortcut->indexes[v->sort - l->sorts] : NULL;
    return ordered ? ordered : l->shortcut->domain_index;
}

static const char *count_index(const struct listing *l, const struct variant *v)
{
    if (scattered(l, v))
        return v->few || !v->searching ? l->shortcut->domain_index : "PRIMARY";
    if (!l->shortcut || !v->in_domain)
        return NULL;
    return v->searching && l->shortcut->search_index ? l->shortcut->search_index : l->shortcut->domain_index;
}

static struct text owned_too(struct task *t, struct text sql, const struct listing *l)
{
    return task_join(t, sql, task_printf(t, " AND %s", l->owned));
}

static struct text in_order(struct task *t, const struct listing *l, const struct variant *v)
{
    const char *way = v->downward ? " DESC" : "", *by = v->sort->expression;

    return strcmp(by, l->key) == 0 ? task_printf(t, " ORDER BY %s%s", by, way)
                                   : task_printf(t, " ORDER BY %s%s, %s%s", by, way, l->key, way);
}

static struct text page_of(struct task *t, const struct listing *l, const struct variant *v, const char *columns)
{
    const char *joins = l->shortcut ? l->shortcut->joins : NULL;
    struct text sql = task_join(t, task_printf(t, "SELECT %s", columns), rows_of(t, l, page_index(l, v), joins));

    sql = task_join(t, sql, conditions(t, l, v));
    if (v->of_owner && l->owned)
        sql = owned_too(t, sql, l);
    if (v->behind_cursor)
        sql = task_join(t, sql, beyond_cursor(t, l, v));
    return task_join(t, task_join(t, sql, in_order(t, l, v)), TEXT(" LIMIT :limit"));
}

/* Where a domain's rows have to be sorted, only their keys are; the rows themselves are fetched for the page alone. */
static struct statement page_statement(struct task *t, const struct listing *l, const struct variant *v)
{
    const struct shortcut *s = l->shortcut;
    bool sorted = s && v->in_domain && s->indexes && !s->indexes[v->sort - l->sorts];
    struct text sql = page_of(t, l, v, sorted ? task_printf(t, "%s AS page_key", l->key).at : l->columns);

    if (sorted) {
        sql = task_printf(t, "SELECT %s FROM (%.*s) page STRAIGHT_JOIN %s ON %s = page.page_key%s", l->columns,
                          (int)sql.length, sql.at, l->from, l->key, s->joins ? s->joins : "");
        sql = task_join(t, sql, in_order(t, l, v));
    }
    return (struct statement){ l->name, sql.at, &asked_shape, l->gives };
}

/* To look beside every row for what `owned` leaves out takes longer than the count; there is little of it. */
static struct statement total_statement(struct task *t, const struct listing *l, const struct variant *v)
{
    bool owned = v->of_owner && l->owned;
    const char *apart = owned && l->shortcut ? l->shortcut->not_owned : NULL;
    struct text sql = task_join(t, TEXT("SELECT (SELECT COUNT(*)"), rows_of(t, l, count_index(l, v), NULL));

    sql = task_join(t, sql, conditions(t, l, v));
    if (owned && !apart)
        sql = owned_too(t, sql, l);
    if (apart) {
        sql = task_join(t, task_join(t, sql, TEXT(") - (SELECT COUNT(*)")), rows_of(t, l, NULL, apart));
        sql = task_join(t, sql, conditions(t, l, v));
    }
    return (struct statement){ l->name, task_join(t, sql, TEXT(") AS total")).at, &asked_shape, &asked_shape };
}

/* How many rows an owner of domains has, as far as FEW_ROWS. */
static struct statement owned_statement(struct task *t, const struct listing *l)
{
    struct text sql = task_printf(t, "SELECT COUNT(*) AS total FROM (SELECT 1 FROM domain_admins da STRAIGHT_JOIN %s"
                                     " FORCE INDEX (%s) ON %s = da.domain WHERE da.username = :owner AND da.active = 1"
                                     " LIMIT %d) few", l->from, l->shortcut->domain_index, l->domain, FEW_ROWS);

    return (struct statement){ l->name, sql.at, &asked_shape, &asked_shape };
}

static enum outcome choose_sort(struct task *t, const struct listing *l, struct text wanted, struct variant *out)
{
    if (wanted.length && wanted.at[0] == '-') {
        out->downward = true;
        wanted = text_part(wanted, 1, wanted.length);
    }
    out->sort = &l->sorts[0];
    if (wanted.length == 0)
        return out->downward ? task_problem(t, "sort", &problem_not_a_choice) : DONE;
    for (size_t i = 0; i < l->sort_count; i++) {
        out->sort = &l->sorts[i];
        if (text_equal(text_of(l->sorts[i].field), wanted))
            return DONE;
    }
    return task_problem(t, "sort", &problem_not_a_choice);
}

static struct text value_as_text(struct task *t, const struct field *f, const void *item)
{
    const void *at = field_in(f, item);
    const struct limit *limit = at;
    const struct moment *moment = at;

    switch (f->kind) {
    case KIND_TEXT: return *(const struct text *)at;
    case KIND_LIMIT: return task_printf(t, "%lld", (long long)limit_as_column(limit));
    case KIND_MOMENT: return task_printf(t, "%lld", (long long)moment->unix_seconds);
    default: return task_printf(t, "%lld", (long long)*(const int64_t *)at);
    }
}

/* A cursor holds the sort it belongs to, the last row's value of it, and the last row's key. */
static struct text cursor_write(struct task *t, const struct listing *l, const struct variant *v, const void *last)
{
    struct text value = value_as_text(t, sort_field(l, v->sort), last);
    struct text key = value_as_text(t, key_field(l), last);

    return secret_base64url(t, task_printf(t, "%s%s%c%.*s%c%.*s", v->downward ? "-" : "", v->sort->field,
                                           CURSOR_SEPARATOR, (int)value.length, value.at ? value.at : "",
                                           CURSOR_SEPARATOR, (int)key.length, key.at));
}

static enum outcome cursor_read(struct task *t, const struct listing *l, struct text cursor, struct variant *v,
                                struct asked *out)
{
    struct text plain, sort, value;
    size_t first, last;

    if (!secret_from_base64url(t, cursor, &plain) || !text_is_utf8(plain))
        return task_problem(t, "cursor", &problem_bad_cursor);
    first = text_find(plain, CURSOR_SEPARATOR);
    last = text_find_last(plain, CURSOR_SEPARATOR);
    if (first == TEXT_NOT_FOUND || first == last)
        return task_problem(t, "cursor", &problem_bad_cursor);
    sort = text_part(plain, 0, first);
    value = text_part(plain, first + 1, last - first - 1);
    out->cursor_key = text_part(plain, last + 1, plain.length);
    if (!text_equal(sort, task_printf(t, "%s%s", v->downward ? "-" : "", v->sort->field)))
        return task_problem(t, "cursor", &problem_bad_cursor);
    out->cursor_text = value;
    if (!sorts_by_text(l, v->sort) && !text_to_int64(value, &out->cursor_number))
        return task_problem(t, "cursor", &problem_bad_cursor);
    v->behind_cursor = true;
    return DONE;
}

/* "50%_x" searched for as such: LIKE's own characters lose their meaning. Addresses and domains are stored folded and
 * compared octet by octet, so `wanted` is folded, too; other texts are compared without regard to case. */
static struct text like_pattern(struct task *t, struct text wanted)
{
    char *at = task_alloc(t, wanted.length * 2 + 3);
    size_t length = 0;

    at[length++] = '%';
    for (size_t i = 0; i < wanted.length; i++) {
        if (wanted.at[i] == '%' || wanted.at[i] == '_' || wanted.at[i] == '\\')
            at[length++] = '\\';
        at[length++] = wanted.at[i];
    }
    at[length++] = '%';
    return (struct text){ at, length };
}

/* People search a domain as they write it, and the database holds its A-labels. */
static struct text as_stored(struct task *t, struct text wanted)
{
    bool address = text_find(wanted, '@') != TEXT_NOT_FOUND;
    struct text stored = wanted;
    enum outcome o = address ? address_canon(t, "search", wanted, &stored) : domain_canon(t, "search", wanted, &stored);

    if (o != DONE)
        task_forget_problems(t); /* half of a name, which is found as it stands or not at all */
    return o == DONE ? stored : wanted;
}

static bool is_ascii(struct text given)
{
    return text_code_points(given) == given.length;
}

static enum outcome count_all(struct task *t, const struct listing *l, const struct variant *v,
                              const struct asked *asked, struct list *out)
{
    struct statement s = total_statement(t, l, v);
    struct asked counted = { 0 };
    enum outcome o = statement_one(t, &s, asked, &counted);

    out->has_total = true;
    out->total = counted.total;
    return o;
}

bool listing_knows(const struct listing *l, const struct field *of_page)
{
    if (of_page - page_shape.fields < COMMON_FIELDS)
        return l != NULL; /* a list that is bounded anyhow is given whole */
    if (of_page->offset == offsetof(struct page, domain))
        return l && l->domain;
    for (const struct filter *f = l ? l->filters : NULL; f && f->field; f++)
        if (text_equal(text_of(f->field), text_of(of_page->name)))
            return true;
    return false;
}

static struct text joined(struct task *t, const struct texts *list)
{
    struct text all = TEXT("");

    for (size_t i = 0; i < list->count; i++)
        all = task_printf(t, "%.*s%s%.*s", (int)all.length, all.at, i ? "," : "", (int)list->items[i].length,
                          list->items[i].at);
    return all;
}

static enum outcome look_how_many(struct task *t, const struct listing *l, const struct asked *asked, struct variant *v)
{
    struct statement s = owned_statement(t, l);
    struct asked counted = { 0 };
    enum outcome o = statement_one(t, &s, asked, &counted);

    v->few = counted.total < FEW_ROWS;
    return o;
}

enum outcome listing_page(struct task *t, const struct listing *l, const struct page *page,
                          const struct scope *scope, struct list *out)
{
    struct variant v = { .searching = page->search.length > 0, .in_domain = scope->domain.length > 0,
                         .of_owner = scope->owner.length > 0, .spelled = !is_ascii(page->search),
                         .of_some_domains = scope->only.count > 0, .filtered = page->given };
    int64_t limit = page->limit ? page->limit : PAGE_LIMIT_DEFAULT;
    struct asked asked = { .limit = limit + 1, /* one more says whether there is a next page */
                           .plain = task_lower(t, page->search),
                           .spelled_plain = task_lower(t, as_stored(t, page->search)), .domain = scope->domain,
                           .owner = scope->owner, .only_domains = joined(t, &scope->only), .actor = page->actor,
                           .verb = page->verb, .state = page->state, .active = page->active,
                           .since = page->since, .until = page->until };
    struct statement s;
    enum outcome o = choose_sort(t, l, page->sort, &v);

    asked.search = like_pattern(t, asked.plain);
    asked.spelled = like_pattern(t, asked.spelled_plain);
    *out = (struct list){ .shape = l->gives };
    if (o == DONE && scattered(l, &v))
        o = look_how_many(t, l, &asked, &v);
    if (o == DONE && page->total)
        o = count_all(t, l, &v, &asked, out);
    if (o == DONE && page->cursor.length)
        o = cursor_read(t, l, page->cursor, &v, &asked);
    if (o != DONE)
        return o;
    s = page_statement(t, l, &v);
    o = statement_all(t, &s, &asked, &out->rows);
    if (o == DONE && out->rows.count > (size_t)limit) {
        out->rows.count = (size_t)limit;
        out->next = cursor_write(t, l, &v, (char *)out->rows.items + ((size_t)limit - 1) * l->gives->size);
    }
    return o;
}

/* sort x direction x (search, cursor, domain, owner, spelled, few), and with each of the latter the total: 2^8 per sort;
 * then, in each sort's plain page, one filter alone for each, and all, with the restriction to some domains; and the count of an
 * owner's rows. */
size_t listing_variants(const struct listing *l)
{
    return (l->sort_count << 8) + page_shape.count + 1 + (l->shortcut && l->shortcut->domain_index ? 1 : 0);
}

static struct statement filtered_variant(struct task *t, const struct listing *l, size_t field)
{
    struct variant v = { .sort = l->sorts, .of_some_domains = l->domain != NULL,
                         .filtered = field < page_shape.count ? (field_set)1 << field : ~(field_set)0 };

    return page_statement(t, l, &v);
}

struct statement listing_variant(struct task *t, const struct listing *l, size_t index)
{
    struct variant v = { &l->sorts[(index >> 8) % l->sort_count], index & 1, index >> 1 & 1, index >> 2 & 1, index >> 3 & 1,
                         index >> 4 & 1, index >> 6 & 1, false, index >> 7 & 1, 0 };
    size_t plain = l->sort_count << 8;

    if (index > plain + page_shape.count)
        return owned_statement(t, l);
    if (index >= plain)
        return filtered_variant(t, l, index - plain);
    if (!l->domain)
        v.in_domain = v.of_owner = false;
    return index >> 5 & 1 ? total_statement(t, l, &v) : page_statement(t, l, &v);
}
