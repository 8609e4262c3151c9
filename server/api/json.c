/* server/api/json.c */
#include "api/json.h"

#include "base/secrecy.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME_SHOWN_MAX 64 /* octets of an unknown member's name that are repeated in the answer */
#define LARGEST_EXACT 9007199254740992.0 /* 2^53 */

static json_t *of_text(struct task *t, const struct field *f, struct text value)
{
    struct text shown = value;

    if (!value.at)
        return json_null();
    if (f->shown && f->shown(t, f->name, value, &shown) != DONE)
        shown = value;
    if (!text_is_utf8(shown)) /* a foreign database may hold anything */
        return json_string("\xEF\xBF\xBD");
    return json_stringn(shown.at, shown.length);
}

static json_t *of_texts(struct task *t, const struct field *f, const struct texts *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, of_text(t, f, list->items[i]));
    return array;
}

static json_t *of_moment(const struct moment *m)
{
    char words[32];
    struct tm parts;
    time_t at = (time_t)m->unix_seconds;

    if (!m->known || !gmtime_r(&at, &parts))
        return json_null();
    strftime(words, sizeof words, "%Y-%m-%dT%H:%M:%SZ", &parts); /* RFC 3339 */
    return json_string(words);
}

static json_t *encode(struct task *t, const struct shape *shape, const void *value, unsigned without);

static json_t *of_rows(struct task *t, const struct shape *shape, const struct rows *rows, unsigned without)
{
    json_t *array = json_array();
    const char *row = rows->items;

    for (size_t i = 0; i < rows->count; i++, row += shape->size)
        json_array_append_new(array, encode(t, shape, row, without));
    return array;
}

static json_t *of_field(struct task *t, const struct field *f, const void *at, unsigned without)
{
    const struct limit *limit = at;

    switch (f->kind) {
    case KIND_TEXT: return of_text(t, f, *(const struct text *)at);
    case KIND_TEXTS: return of_texts(t, f, at);
    case KIND_INTEGER: return json_integer(*(const int64_t *)at);
    case KIND_BOOLEAN: return json_boolean(*(const bool *)at);
    case KIND_LIMIT: return limit->bounded ? json_integer(limit->most) : json_null();
    case KIND_MOMENT: return of_moment(at);
    case KIND_SHAPE: return encode(t, f->shape, at, without);
    case KIND_ROWS: return of_rows(t, f->shape, at, without);
    }
    return json_null();
}

static bool is_absent(const struct field *f, const void *value)
{
    const void *at = field_in(f, value);

    return f->kind == KIND_TEXTS ? !((const struct texts *)at)->items : !((const struct text *)at)->at;
}

static json_t *encode(struct task *t, const struct shape *shape, const void *value, unsigned without)
{
    json_t *object = json_object();

    for (size_t i = 0; i < shape->count; i++) {
        const struct field *f = &shape->fields[i];

        if (f->flags & ONCE && is_absent(f, value))
            continue;
        if (!(f->flags & without))
            json_object_set_new(object, f->name, of_field(t, f, field_in(f, value), without));
    }
    return object;
}

json_t *json_item(struct task *t, const struct shape *shape, const void *value)
{
    return encode(t, shape, value, SECRET | CREATE_ONLY | INPUT_ONLY);
}

json_t *json_list(struct task *t, const struct list *list)
{
    json_t *items = json_array(), *object = json_object();
    const char *row = list->rows.items;

    for (size_t i = 0; i < list->rows.count; i++, row += list->shape->size)
        json_array_append_new(items, json_item(t, list->shape, row));
    json_object_set_new(object, "items", items);
    json_object_set_new(object, "next", list->next.at ? json_stringn(list->next.at, list->next.length) : json_null());
    if (list->has_total)
        json_object_set_new(object, "total", json_integer(list->total));
    return object;
}

/* Every body passes through its memory, with the passwords in it. */
void json_start(void)
{
    json_set_alloc_funcs(malloc, wipe_and_free);
}

struct text json_text(struct task *t, json_t *steals, bool for_people)
{
    char *dumped = json_dumps(steals, for_people ? JSON_INDENT(2) | JSON_ENCODE_ANY : JSON_COMPACT | JSON_ENCODE_ANY);
    struct text out = task_copy(t, text_of(dumped ? dumped : "null"));

    wipe_and_free(dumped);
    json_decref(steals);
    return out;
}

struct text json_describe(struct task *t, const struct shape *shape, const void *value, bool whole)
{
    return json_text(t, encode(t, shape, value, SECRET | CREATE_ONLY | INPUT_ONLY | ONCE
                                               | (whole ? 0u : (unsigned)READ_ONLY)), false);
}

/* ---- decoding ---- */

static void release(void *it)
{
    json_decref(it);
}

static const char *path_of(struct task *t, const char *prefix, const char *name)
{
    return task_printf(t, "%s%s", prefix, name).at;
}

static enum outcome decode_text(struct task *t, const struct field *f, const char *path, const json_t *from,
                                struct text *out)
{
    if (!json_is_string(from))
        return task_problem(t, path, &problem_wrong_type);
    *out = task_copy(t, (struct text){ json_string_value(from), json_string_length(from) });
    return field_check_text(t, f, path, out);
}

static enum outcome decode_texts(struct task *t, const struct field *f, const char *path, const json_t *from,
                                 struct texts *out)
{
    size_t count = json_array_size(from);

    if (!json_is_array(from))
        return task_problem(t, path, &problem_wrong_type);
    if (f->max && count > (size_t)f->max)
        return task_problem_figure(t, path, &problem_too_many, "max", f->max);
    *out = (struct texts){ task_alloc(t, count * sizeof *out->items), count };
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(from, i);

        if (!json_is_string(entry))
            return task_problem(t, path, &problem_wrong_type);
        out->items[i] = task_copy(t, (struct text){ json_string_value(entry), json_string_length(entry) });
    }
    return field_check_texts(t, f, path, out);
}

static enum outcome decode_integer(struct task *t, const struct field *f, const char *path, const json_t *from,
                                   int64_t *out)
{
    double given = json_is_real(from) ? json_real_value(from) : 0;

    if (given >= LARGEST_EXACT || given <= -LARGEST_EXACT) /* a whole number that int64 may not hold */
        return given < 0 ? task_problem_figure(t, path, &problem_too_small, "min", f->min)
                         : task_problem_figure(t, path, &problem_too_large, "max", f->max);
    if (!json_is_integer(from))
        return task_problem(t, path, &problem_wrong_type);
    *out = json_integer_value(from);
    return field_check_integer(t, f, path, *out);
}

static enum outcome decode_object(struct task *t, const struct shape *shape, const char *prefix, const json_t *from,
                                  enum decoding how, void *out, field_set *given);

static enum outcome decode_value(struct task *t, const struct field *f, const char *path, const json_t *from,
                                 enum decoding how, void *at)
{
    struct limit *limit = at;

    switch (f->kind) {
    case KIND_TEXT: return decode_text(t, f, path, from, at);
    case KIND_TEXTS: return decode_texts(t, f, path, from, at);
    case KIND_INTEGER: return decode_integer(t, f, path, from, at);
    case KIND_BOOLEAN:
        if (!json_is_boolean(from))
            return task_problem(t, path, &problem_wrong_type);
        *(bool *)at = json_is_true(from);
        return DONE;
    case KIND_LIMIT:
        limit->bounded = true;
        return decode_integer(t, f, path, from, &limit->most);
    case KIND_SHAPE:
        return decode_object(t, f->shape, path_of(t, path, "."), from, how, at, at); /* begins with its `given` */
    case KIND_MOMENT:
        if (!json_is_string(from))
            return task_problem(t, path, &problem_wrong_type);
        return moment_read(t, path, (struct text){ json_string_value(from), json_string_length(from) }, at);
    case KIND_ROWS: break;
    }
    return task_problem(t, path, &problem_read_only);
}

static bool is_writable(const struct field *f, enum decoding how)
{
    if (f->flags & READ_ONLY)
        return false;
    return how == DECODE_WHOLE || !(f->flags & (KEY | CREATE_ONLY));
}

static enum outcome decode_member(struct task *t, const struct shape *shape, const char *prefix, const char *name,
                                  const json_t *from, enum decoding how, void *out, field_set *given)
{
    const struct field *f = shape_field(shape, text_of(name));
    const char *path;

    if (!f)
        return task_problem(t, task_printf(t, "%s%.*s", prefix, NAME_SHOWN_MAX, name).at, &problem_unknown_field);
    path = path_of(t, prefix, f->name);
    if (!is_writable(f, how))
        return task_problem(t, path, &problem_read_only);
    *given |= (field_set)1 << (f - shape->fields);
    if (json_is_null(from) && f->flags & (REQUIRED | KEY | CREATE_ONLY))
        return task_problem(t, path, &problem_required);
    if (!json_is_null(from))
        return decode_value(t, f, path, from, how, field_at(f, out));
    if (f->kind == KIND_SHAPE) /* back to its default, all of it */
        *(field_set *)field_at(f, out) = ~(field_set)0;
    return DONE; /* null: what shape_defaults() put there */
}

static enum outcome require(struct task *t, const struct shape *shape, const char *prefix, field_set given)
{
    enum outcome o = DONE;

    for (size_t i = 0; i < shape->count; i++)
        if ((shape->fields[i].flags & REQUIRED) && !(given >> i & 1))
            o = task_problem(t, path_of(t, prefix, shape->fields[i].name), &problem_required);
    return o;
}

static enum outcome decode_object(struct task *t, const struct shape *shape, const char *prefix, const json_t *from,
                                  enum decoding how, void *out, field_set *given)
{
    enum outcome all = DONE;
    field_set seen = 0;
    const char *name;
    const json_t *value;
    void *at;

    if (!json_is_object(from)) {
        struct text whole = text_of(prefix);

        return task_problem(t, whole.length ? task_c_string(t, text_part(whole, 0, whole.length - 1)) : "body",
                            &problem_wrong_type);
    }
    for (at = json_object_iter((json_t *)(uintptr_t)from); at; at = json_object_iter_next((json_t *)(uintptr_t)from, at)) {
        name = json_object_iter_key(at);
        value = json_object_iter_value(at);
        if (decode_member(t, shape, prefix, name, value, how, out, &seen) != DONE)
            all = INVALID;
    }
    if (how == DECODE_WHOLE && require(t, shape, prefix, seen) != DONE)
        all = INVALID;
    *given = seen;
    return all;
}

/* ---- which member a parser stumbled over: only as much of JSON as finding its name takes ---- */

#define NAMED_DEPTH 2 /* objects inside objects of ours */

struct walk {
    size_t depth;                      /* open objects and arrays */
    struct text names[NAMED_DEPTH + 1]; /* by depth: the member whose value is there; absent before the colon */
    bool is_object[NAMED_DEPTH + 1];
    struct text string;                /* the one read last, still escaped */
};

/* Behind the string that opens at `i`; `until` when it has no end. */
static size_t walk_string(struct walk *w, struct text body, size_t i, size_t until)
{
    size_t start = ++i;

    while (i < until && body.at[i] != '"')
        i += body.at[i] == '\\' ? 2 : 1;
    if (i > until)
        i = until;
    w->string = text_part(body, start, i - start);
    return i < until ? i + 1 : until;
}

static void walk_mark(struct walk *w, char mark)
{
    if (mark == '{' || mark == '[')
        w->depth++;
    else if ((mark == '}' || mark == ']') && w->depth)
        w->depth--;
    if (w->depth > NAMED_DEPTH || (mark != '{' && mark != '[' && mark != ',' && mark != ':'))
        return;
    if (mark == '{' || mark == '[')
        w->is_object[w->depth] = mark == '{';
    w->names[w->depth] = mark == ':' ? w->string : (struct text){ 0 };
    w->string = (struct text){ 0 };
}

/* "forward.keep_copy"; absent where no member is. */
static struct text walk_path(struct task *t, const struct walk *w)
{
    struct text path = { 0 };

    for (size_t d = 1; d <= w->depth && d <= NAMED_DEPTH && w->is_object[d]; d++) {
        struct text name = w->names[d].at || d < w->depth ? w->names[d] : w->string;

        if (name.at)
            path = task_printf(t, "%.*s%s%.*s", (int)path.length, path.at ? path.at : "", path.at ? "." : "",
                               (int)(name.length < NAME_SHOWN_MAX ? name.length : NAME_SHOWN_MAX), name.at);
    }
    return path;
}

static struct text member_at(struct task *t, struct text body, size_t until)
{
    struct walk w = { 0 };
    size_t i = 0;

    if (until > body.length)
        until = body.length;
    while (i < until) {
        if (body.at[i] == '"')
            i = walk_string(&w, body, i, until);
        else
            walk_mark(&w, body.at[i++]);
    }
    return walk_path(t, &w);
}

static size_t first_no_utf8(struct text given)
{
    size_t i = 0, good;

    while (i < given.length) {
        for (good = 1; good <= 4 && !text_is_utf8(text_part(given, i, good)); good++)
            continue;
        if (good > 4)
            break;
        i += good;
    }
    return i;
}

/* The problem is the member's in which `at` stands when it is one of the shape's, or else the body's. */
static enum outcome name_stumble(struct task *t, const struct shape *shape, struct text body, size_t at,
                                 const struct problem_kind *what)
{
    struct text path = member_at(t, body, at);
    size_t offset;

    return task_problem(t, path.at && shape_path(shape, path, &offset) ? task_c_string(t, path) : "body", what);
}

static enum outcome parse(struct task *t, const struct shape *shape, struct text body, json_t **out)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    json_error_t error;
    json_t *root;

    if (!text_is_utf8(body))
        return name_stumble(t, shape, body, first_no_utf8(body), &problem_bad_encoding);
    root = json_loadb(body.at ? body.at : "", body.length, flags, &error);
    if (!root && json_error_code(&error) == json_error_numeric_overflow)
        root = json_loadb(body.at, body.length, flags | JSON_DECODE_INT_AS_REAL, &error);
    if (!root)
        return name_stumble(t, shape, body, error.position > 0 ? (size_t)error.position : 0,
                            json_error_code(&error) == json_error_duplicate_key ? &problem_duplicate_field
                                                                                : &problem_malformed);
    task_defer(t, release, root);
    *out = root;
    return DONE;
}

enum outcome json_decode(struct task *t, const struct shape *shape, struct text body, enum decoding how, void *out,
                         field_set *given)
{
    json_t *root = NULL;
    enum outcome o = parse(t, shape, body, &root);

    shape_defaults(shape, out);
    *given = 0;
    return o == DONE ? decode_object(t, shape, "", root, how, out, given) : o;
}
