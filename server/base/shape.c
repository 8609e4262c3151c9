/* server/base/shape.c */
#include "base/shape.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#define MOMENT_YEAR_MAX 9998 /* DATETIME ends with 9999, whatever the zone */

const struct field *shape_field(const struct shape *s, struct text name)
{
    for (size_t i = 0; i < s->count; i++)
        if (text_equal(text_of(s->fields[i].name), name))
            return &s->fields[i];
    return NULL;
}

const struct field *shape_path(const struct shape *s, struct text path, size_t *offset)
{
    size_t dot = text_find(path, '.');
    const struct field *f = shape_field(s, text_part(path, 0, dot));
    size_t inner = 0;

    if (!f || dot == TEXT_NOT_FOUND) {
        *offset = f ? f->offset : 0;
        return f;
    }
    if (f->kind != KIND_SHAPE)
        return NULL;
    *offset = f->offset;
    f = shape_path(f->shape, text_part(path, dot + 1, path.length), &inner);
    *offset += inner;
    return f;
}

field_set shape_bit(const struct shape *s, const char *name)
{
    const struct field *f = shape_field(s, text_of(name));

    assert(f);
    return (field_set)1 << (f - s->fields);
}

static size_t kind_size(const struct field *f)
{
    switch (f->kind) {
    case KIND_TEXT: return sizeof(struct text);
    case KIND_TEXTS: return sizeof(struct texts);
    case KIND_INTEGER: return sizeof(int64_t);
    case KIND_BOOLEAN: return sizeof(bool);
    case KIND_LIMIT: return sizeof(struct limit);
    case KIND_MOMENT: return sizeof(struct moment);
    case KIND_SHAPE: return f->shape->size;
    case KIND_ROWS: return sizeof(struct rows);
    }
    return 0;
}

void shape_defaults(const struct shape *s, void *value)
{
    memset(value, 0, s->size);
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i];

        if (f->kind == KIND_BOOLEAN)
            *(bool *)field_at(f, value) = f->on;
        else if (f->kind == KIND_SHAPE)
            shape_defaults(f->shape, field_at(f, value));
    }
}

void shape_overlay(const struct shape *s, void *into, const void *from, field_set given)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i];
        void *here = field_at(f, into);
        const void *there = field_in(f, from);

        if (!(given >> i & 1))
            continue;
        if (f->kind == KIND_SHAPE)
            shape_overlay(f->shape, here, there, *(const field_set *)there);
        else
            memcpy(here, there, kind_size(f));
    }
}

static bool texts_equal(const struct texts *a, const struct texts *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!text_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

static bool rows_equal(const struct shape *s, const struct rows *a, const struct rows *b)
{
    const char *one = a->items, *other = b->items;

    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!shape_equal(s, one + i * s->size, other + i * s->size))
            return false;
    return true;
}

static bool field_equal(const struct field *f, const void *a, const void *b)
{
    const struct limit *x = a, *y = b;
    const struct moment *from = a, *until = b;

    switch (f->kind) {
    case KIND_TEXT: return text_equal(*(const struct text *)a, *(const struct text *)b);
    case KIND_TEXTS: return texts_equal(a, b);
    case KIND_INTEGER: return *(const int64_t *)a == *(const int64_t *)b;
    case KIND_BOOLEAN: return *(const bool *)a == *(const bool *)b;
    case KIND_LIMIT: return x->bounded == y->bounded && (!x->bounded || x->most == y->most);
    case KIND_MOMENT: return from->known == until->known && from->unix_seconds == until->unix_seconds;
    case KIND_SHAPE: return shape_equal(f->shape, a, b);
    case KIND_ROWS: return rows_equal(f->shape, a, b);
    }
    return false;
}

bool shape_equal(const struct shape *s, const void *a, const void *b)
{
    for (size_t i = 0; i < s->count; i++)
        if (!field_equal(&s->fields[i], field_in(&s->fields[i], a), field_in(&s->fields[i], b)))
            return false;
    return true;
}

static bool is_one_of(const char *const *words, struct text value)
{
    for (; *words; words++)
        if (text_equal(text_of(*words), value))
            return true;
    return false;
}

static enum outcome check_length(struct task *t, const char *path, size_t length, int64_t min, int64_t max)
{
    if ((int64_t)length < min)
        return task_problem_figure(t, path, &problem_too_short, "min", min);
    if (max && (int64_t)length > max)
        return task_problem_figure(t, path, &problem_too_long, "max", max);
    return DONE;
}

enum outcome field_check_text(struct task *t, const struct field *f, const char *path, struct text *value)
{
    enum outcome o;

    if (value->length > INT32_MAX)
        return task_problem_figure(t, path, &problem_too_long, "max", f->max);
    if (!text_is_utf8(*value))
        return task_problem(t, path, &problem_bad_encoding);
    if (text_has_control(*value, f->flags & MULTILINE ? "\r\n\t" : ""))
        return task_problem(t, path, &problem_bad_character);
    o = check_length(t, path, text_code_points(*value), f->min, f->kind == KIND_TEXTS ? f->entry_max : f->max);
    if (o != DONE)
        return o;
    if ((f->flags & NO_BLANK) && text_trim(*value).length == 0)
        return task_problem(t, path, &problem_required);
    if (f->words && !is_one_of(f->words, *value))
        return task_problem(t, path, &problem_not_a_choice);
    return f->canon ? f->canon(t, path, *value, value) : DONE;
}

static bool holds(const struct texts *list, size_t count, struct text wanted)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(list->items[i], wanted))
            return true;
    return false;
}

/* Repeated entries fold into one: a list of addresses is a set whose order is kept. */
enum outcome field_check_texts(struct task *t, const struct field *f, const char *path, struct texts *value)
{
    enum outcome o = DONE;
    size_t kept = 0;

    if (f->max && (int64_t)value->count > f->max)
        return task_problem_figure(t, path, &problem_too_many, "max", f->max);
    if ((int64_t)value->count < f->min)
        return task_problem_figure(t, path, &problem_too_few, "min", f->min);
    for (size_t i = 0; i < value->count; i++) {
        struct text entry = value->items[i];
        struct field one = *f;

        one.min = 1;
        if (field_check_text(t, &one, path, &entry) != DONE)
            o = INVALID;
        else if (!holds(value, kept, entry))
            value->items[kept++] = entry;
    }
    value->count = kept;
    return o;
}

enum outcome field_check_integer(struct task *t, const struct field *f, const char *path, int64_t value)
{
    if (value < f->min)
        return task_problem_figure(t, path, &problem_too_small, "min", f->min);
    if (f->max && value > f->max)
        return task_problem_figure(t, path, &problem_too_large, "max", f->max);
    return DONE;
}

/* Reads `digits` digits at *at and the character behind them, unless `behind` is NUL. */
static bool take_number(struct text given, size_t *at, size_t digits, char behind, int *out)
{
    *out = 0;
    for (size_t i = 0; i < digits; i++, (*at)++) {
        if (*at >= given.length || given.at[*at] < '0' || given.at[*at] > '9')
            return false;
        *out = *out * 10 + (given.at[*at] - '0');
    }
    if (!behind)
        return true;
    return *at < given.length && given.at[(*at)++] == behind;
}

static bool take_date(struct text given, size_t *at, struct tm *out)
{
    bool whole = take_number(given, at, 4, '-', &out->tm_year) && take_number(given, at, 2, '-', &out->tm_mon)
              && take_number(given, at, 2, '\0', &out->tm_mday);

    out->tm_year -= 1900;
    out->tm_mon -= 1;
    return whole;
}

static bool take_zone(struct text given, size_t *at, int64_t *seconds)
{
    int hours = 0, minutes = 0;
    char sign = *at < given.length ? given.at[(*at)++] : '\0';

    if (sign == 'Z' || sign == 'z')
        return true;
    if ((sign != '+' && sign != '-') || !take_number(given, at, 2, ':', &hours)
        || !take_number(given, at, 2, '\0', &minutes) || hours > 23 || minutes > 59)
        return false;
    *seconds = (int64_t)(hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
    return true;
}

/* RFC 3339, 5.6. timegm() would take February 30 for March 1; a date that does not come out as it went in is none. */
enum outcome moment_read(struct task *t, const char *path, struct text given, struct moment *out)
{
    struct tm parts = { 0 }, normal;
    size_t at = 0;
    int64_t zone = 0;
    bool whole = take_date(given, &at, &parts);

    if (whole && at < given.length) {
        whole = (given.at[at] == 'T' || given.at[at] == 't' || given.at[at] == ' ');
        at++;
        whole = whole && take_number(given, &at, 2, ':', &parts.tm_hour) && take_number(given, &at, 2, ':', &parts.tm_min)
             && take_number(given, &at, 2, '\0', &parts.tm_sec);
        if (whole && at < given.length && given.at[at] == '.')
            for (at++; at < given.length && given.at[at] >= '0' && given.at[at] <= '9'; at++)
                continue;
        whole = whole && take_zone(given, &at, &zone) && at == given.length;
    }
    normal = parts;
    *out = (struct moment){ true, (int64_t)timegm(&normal) - zone };
    if (!whole || normal.tm_mon != parts.tm_mon || normal.tm_mday != parts.tm_mday || normal.tm_hour != parts.tm_hour || normal.tm_min != parts.tm_min
        || normal.tm_sec != parts.tm_sec || out->unix_seconds < 0 || parts.tm_year > MOMENT_YEAR_MAX - 1900)
        return task_problem(t, path, &problem_bad_moment);
    return DONE;
}
