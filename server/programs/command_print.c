/* server/programs/command_print.c - help, and answers as tables for people */
#include "programs/command.h"

#include "api/command_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#define COLUMNS_MAX 9
#define TEXT_SHOWN_MAX 60

struct text size_for_people(struct task *t, int64_t octets)
{
    static const char *const units[] = { "", "K", "M", "G", "T" };
    size_t unit = 0;

    while (octets && octets % 1024 == 0 && unit + 1 < COUNT(units)) {
        octets /= 1024;
        unit++;
    }
    return task_printf(t, "%lld%s", (long long)octets, units[unit]);
}

static struct text moment_for_people(struct task *t, const struct moment *m)
{
    char words[32];
    struct tm parts;
    time_t at = (time_t)m->unix_seconds;

    if (!m->known || !localtime_r(&at, &parts))
        return TEXT("-");
    strftime(words, sizeof words, "%Y-%m-%d %H:%M:%S", &parts);
    return task_copy(t, text_of(words));
}

static struct text shown(struct task *t, const struct field *f, struct text value)
{
    struct text out = value;

    if (f->shown && f->shown(t, f->name, value, &out) != DONE)
        out = value;
    return out.at ? out : TEXT("-");
}

static struct text for_people(struct task *t, const struct field *f, const void *at)
{
    const struct limit *limit = at;
    const struct texts *list = at;
    struct text out = TEXT("");

    switch (f->kind) {
    case KIND_TEXT: return shown(t, f, *(const struct text *)at);
    case KIND_BOOLEAN: return *(const bool *)at ? TEXT("yes") : TEXT("no");
    case KIND_MOMENT: return moment_for_people(t, at);
    case KIND_INTEGER:
        return f->flags & BYTES ? size_for_people(t, *(const int64_t *)at)
                                : task_printf(t, "%lld", (long long)*(const int64_t *)at);
    case KIND_LIMIT:
        if (!limit->bounded)
            return TEXT("none");
        return f->flags & BYTES ? size_for_people(t, limit->most) : task_printf(t, "%lld", (long long)limit->most);
    case KIND_TEXTS:
        for (size_t i = 0; i < list->count; i++)
            out = task_join(t, task_join(t, out, i ? TEXT(" ") : TEXT("")), shown(t, f, list->items[i]));
        return out;
    case KIND_SHAPE:
    case KIND_ROWS: break;
    }
    return out;
}

/* What a terminal must not get: control characters that a foreign row may hold. */
static struct text printable(struct task *t, struct text given)
{
    char *at = task_c_string(t, given);

    for (size_t i = 0; i < given.length; i++)
        if ((unsigned char)at[i] < 0x20 || at[i] == 0x7F)
            at[i] = '?';
    return (struct text){ at, given.length };
}

static bool is_secret(const struct field *f)
{
    return f->flags & (SECRET | CREATE_ONLY | INPUT_ONLY);
}

static void print_rows(struct task *t, const struct shape *s, const struct rows *rows);

static void print_item(struct task *t, const char *prefix, const struct shape *s, const void *item)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i];
        struct text name = task_printf(t, "%s%s", prefix, f->name), value;

        if (is_secret(f) || (f->flags & ONCE && !((const struct text *)field_in(f, item))->at))
            continue;
        if (f->kind == KIND_SHAPE) {
            print_item(t, task_printf(t, "%s.", name.at).at, f->shape, field_in(f, item));
            continue;
        }
        if (f->kind == KIND_ROWS) {
            print_rows(t, f->shape, field_in(f, item));
            continue;
        }
        value = printable(t, for_people(t, f, field_in(f, item)));
        printf("%-24s %.*s\n", name.at, (int)value.length, value.at);
    }
}

/* Every item has them; a table has better things to show. */
static bool is_birthday(const struct field *f)
{
    return f->kind == KIND_MOMENT && (strcmp(f->name, "created") == 0 || strcmp(f->name, "modified") == 0);
}

static size_t choose_columns(const struct shape *s, const struct field *out[COLUMNS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < s->count && count < COLUMNS_MAX; i++) {
        const struct field *f = &s->fields[i];

        if (!is_secret(f) && f->kind != KIND_SHAPE && f->kind != KIND_ROWS && !(f->flags & (NULLABLE | ONCE)) && !is_birthday(f))
            out[count++] = f;
    }
    return count;
}

/* How wide a terminal shows it: a Japanese letter takes two columns. What the locale cannot read counts a column for each
 * code point. */
static size_t columns_of(struct task *t, struct text cell)
{
    size_t points = text_code_points(cell);
    wchar_t *wide = task_alloc(t, (cell.length + 1) * sizeof *wide);
    size_t length = mbstowcs(wide, task_c_string(t, cell), cell.length + 1);
    int columns = length == (size_t)-1 ? -1 : wcswidth(wide, length);

    return columns < 0 ? points : (size_t)columns;
}

static void print_row(struct task *t, struct text *cells, const size_t *widths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t pad = widths[i] - columns_of(t, cells[i]);

        printf("%.*s", (int)cells[i].length, cells[i].at);
        if (i + 1 < count)
            printf("%*s  ", (int)pad, "");
    }
    putchar('\n');
}

static void print_rows(struct task *t, const struct shape *s, const struct rows *those)
{
    const struct field *columns[COLUMNS_MAX];
    size_t count = choose_columns(s, columns), rows = those->count + 1, widths[COLUMNS_MAX] = { 0 };
    struct text *cells = task_alloc(t, rows * count * sizeof *cells);

    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < count; i++) {
            const char *row = (const char *)those->items + (r ? r - 1 : 0) * s->size;
            struct text *cell = &cells[r * count + i];
            size_t width;

            *cell = r ? printable(t, for_people(t, columns[i], field_in(columns[i], row))) : text_of(columns[i]->name);
            width = columns_of(t, *cell);
            if (width > widths[i])
                widths[i] = width;
        }
    for (size_t r = 0; r < rows; r++)
        print_row(t, &cells[r * count], widths, count);
}

static void print_list(struct task *t, const struct list *list)
{
    print_rows(t, list->shape, &list->rows);
    if (list->has_total)
        printf("%lld in all\n", (long long)list->total);
    if (list->next.at)
        printf("more: --cursor %.*s\n", (int)list->next.length, list->next.at);
}

void command_print(struct task *t, const struct verb *v, const struct answer *a)
{
    if (verb_gives_list(v))
        print_list(t, &a->list);
    else if (a->item)
        print_item(t, "", v->gives, a->item);
}

struct text command_wants(struct task *t, const struct field *f)
{
    static const char *const wants[] = {
        [KIND_TEXT] = "TEXT", [KIND_TEXTS] = "TEXT", [KIND_INTEGER] = "N", [KIND_LIMIT] = "N|none",
        [KIND_MOMENT] = "MOMENT", [KIND_BOOLEAN] = "", [KIND_SHAPE] = "",
        [KIND_ROWS] = "",
    };
    struct text words = TEXT("");

    if (f->flags & BYTES)
        return f->kind == KIND_LIMIT ? TEXT("SIZE|none") : TEXT("SIZE");
    for (const char *const *w = f->words; w && *w; w++)
        words = task_join(t, words, task_printf(t, "%s%s", w == f->words ? "" : "|", *w));
    return words.length ? words : text_of(wants[f->kind]);
}

static void print_option(struct task *t, const struct field *f)
{
    struct text option = command_option(t, f), wants = command_wants(t, f);
    struct text left = f->kind == KIND_BOOLEAN ? task_printf(t, "--[no-]%s", option.at)
        : task_printf(t, "--%s %s%s", option.at, wants.at, f->kind == KIND_TEXTS ? " (may be repeated)" : "");

    printf("  %-40s %s\n", left.at, f->doc ? f->doc : "");
}

static void print_secret(struct task *t, const struct field *f)
{
    struct text stem = command_secret(t, f);
    struct text left = task_printf(t, "--%.*s-stdin | --%.*s-file FILE", (int)stem.length, stem.at, (int)stem.length, stem.at);

    printf("  %-40s %s\n", left.at, f->doc);
}

bool command_takes(const struct field *f, enum act act)
{
    return !(f->flags & (READ_ONLY | KEY | KEY_PART)) && (act == ACT_CREATE || !(f->flags & CREATE_ONLY));
}

static void print_options(struct task *t, const struct shape *s, enum act act)
{
    for (size_t i = 0; s && i < s->count; i++) {
        const struct field *f = &s->fields[i];

        if (!command_takes(f, act))
            continue;
        if (f->kind == KIND_SHAPE)
            print_options(t, f->shape, act);
        else if (f->flags & SECRET)
            print_secret(t, f);
        else
            print_option(t, f);
    }
}

void command_help(struct task *t, const struct verb *one)
{
    for (const struct verb *const *table = verb_tables; *table && !one; table++)
        for (const struct verb *v = *table; v->name; v++)
            if (command_offers(v)) {
                struct text words = text_of(v->name);
                size_t dot = text_find(words, '.');

                printf("  %-24s %s\n", task_printf(t, "%.*s %s", (int)dot, v->name, v->name + dot + 1).at, v->summary);
            }
    if (!one)
        return;
    printf("%s\n\n  postreeve %.*s %s", one->summary, (int)text_find(text_of(one->name), '.'), one->name,
           one->name + text_find(text_of(one->name), '.') + 1);
    printf("%s%s [--option value]...\n\n", one->act == ACT_LIST || command_has_key(one) ? " " : "",
           one->act == ACT_LIST ? "[DOMAIN]" : command_has_key(one) ? one->of->key : "");
    if (one->act == ACT_LIST)
        for (size_t i = 0; i < page_shape.count; i++)
            if (listing_knows(one->of ? one->of->listing : NULL, &page_shape.fields[i]))
                print_option(t, &page_shape.fields[i]);
    print_options(t, one->takes, one->act);
    if (one->act == ACT_UPDATE || one->act == ACT_DELETE)
        printf("  %-40s %s\n", "--if-match ETAG", "Only if it is still that version.");
    printf("  %-40s %s\n", "--json", "Answer as JSON.");
}
