/* server/store/statement.c */
#include "store/statement.h"

#include "base/log.h"
#include "model/address.h"
#include "store/mysql.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 32
#define COLUMNS_MAX 32
#define NAME_MAX_OCTETS 64
#define SHORT_OCTETS 512   /* longer values are fetched again at their full length */
#define PREPARED_MAX 256   /* per connection; the lists' variants are the many */

struct slot { /* where a value lies in the struct */
    enum kind kind;
    size_t offset;
};

struct prepared {
    struct prepared *next;
    char *sql;
    const struct shape *takes, *gives; /* where the same words find their values, and put them */
    MYSQL_STMT *statement;
    struct slot parameters[PARAMETERS_MAX], columns[COLUMNS_MAX];
    unsigned parameter_count, column_count;
};

static void prepared_free(struct prepared *p)
{
    if (p->statement)
        mysql_stmt_close(p->statement);
    free(p->sql);
    free(p);
}

void prepared_forget_all(struct connection *c)
{
    while (c->prepared) {
        struct prepared *p = c->prepared;

        c->prepared = p->next;
        prepared_free(p);
    }
}

static bool is_name_character(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Replaces each :name outside quotes by ? and notes which field it is. NULL when a name is no field. */
static char *translate(const struct statement *s, struct prepared *p, const char **wrong)
{
    char *plain = malloc(strlen(s->sql) + 1), *to = plain;
    char quote = 0;

    *wrong = "out of memory";
    for (const char *from = s->sql; plain && *from;) {
        size_t length = 0;
        const struct field *f = NULL;

        if (*from == '\'' || *from == '`')
            quote = quote == *from ? 0 : quote ? quote : *from;
        if (quote || *from != ':' || !isalpha((unsigned char)from[1])) {
            *to++ = *from++;
            continue;
        }
        while (is_name_character(from[1 + length]))
            length++;
        if (s->takes && p->parameter_count < PARAMETERS_MAX)
            f = shape_path(s->takes, (struct text){ from + 1, length }, &p->parameters[p->parameter_count].offset);
        if (!f) {
            *wrong = from;
            free(plain);
            return NULL;
        }
        p->parameters[p->parameter_count++].kind = f->kind;
        *to++ = '?';
        from += 1 + length;
    }
    if (plain)
        *to = '\0';
    return plain;
}

/* Finds the field of each result column. */
static bool match_columns(const struct statement *s, struct prepared *p, struct text *wrong)
{
    MYSQL_RES *about = mysql_stmt_result_metadata(p->statement);
    unsigned count = about ? mysql_num_fields(about) : 0;
    bool fine = count <= COLUMNS_MAX && (count == 0 || s->gives);

    for (unsigned i = 0; fine && i < count; i++) {
        const MYSQL_FIELD *column = mysql_fetch_field_direct(about, i);
        const struct field *f = shape_path(s->gives, text_of(column->name), &p->columns[i].offset);

        fine = f != NULL;
        *wrong = text_of(s->name);
        if (f)
            p->columns[i].kind = f->kind;
        else
            log_line(LOG_FAULT, "statement %s: column %s is no field", s->name, column->name);
    }
    p->column_count = count;
    mysql_free_result(about);
    return fine;
}

static enum outcome prepare(struct connection *c, const struct statement *s, struct prepared *p)
{
    const char *wrong = "";
    struct text column = TEXT("");
    char *plain = translate(s, p, &wrong);
    enum outcome o = DONE;

    if (!plain) {
        log_line(LOG_FAULT, "statement %s: no field for %.40s", s->name, wrong);
        return BROKEN;
    }
    p->statement = mysql_stmt_init(c->mysql);
    if (!p->statement)
        o = BROKEN;
    else if (mysql_stmt_prepare(p->statement, plain, strlen(plain)) != 0)
        o = connection_failed(c, mysql_stmt_errno(p->statement), mysql_stmt_error(p->statement), s->name);
    else if (!match_columns(s, p, &column))
        o = BROKEN;
    free(plain);
    return o;
}

static void forget_oldest(struct connection *c)
{
    size_t count = 0;
    struct prepared **at = &c->prepared;

    for (; *at && count < PREPARED_MAX; at = &(*at)->next)
        count++;
    if (*at) {
        struct prepared *old = *at;

        *at = old->next;
        prepared_free(old);
    }
}

/* The prepared form, from this connection's list, most recently used first. */
static enum outcome prepared_find(struct connection *c, const struct statement *s, struct prepared **out)
{
    struct prepared **at = &c->prepared, *p;
    enum outcome o;

    for (; *at; at = &(*at)->next)
        if (strcmp((*at)->sql, s->sql) == 0 && (*at)->takes == s->takes && (*at)->gives == s->gives)
            break;
    p = *at;
    if (p) {
        *at = p->next;
    } else {
        p = calloc(1, sizeof *p);
        if (!p || !(p->sql = strdup(s->sql)))
            abort();
        p->takes = s->takes;
        p->gives = s->gives;
        o = prepare(c, s, p);
        if (o != DONE) {
            prepared_free(p);
            return o;
        }
        forget_oldest(c);
    }
    p->next = c->prepared;
    c->prepared = p;
    *out = p;
    return DONE;
}

struct value { /* a bound value's own storage */
    long long number;
    unsigned long length;
    mysql_flag null;
};

static void bind_text(MYSQL_BIND *b, struct value *v, struct text given)
{
    union { const char *in; char *out; } at = { .in = given.at }; /* the API takes no const; it only reads */

    b->buffer_type = MYSQL_TYPE_STRING;
    b->buffer = at.out;
    b->buffer_length = (unsigned long)given.length;
    v->length = (unsigned long)given.length;
    v->null = given.at == NULL;
    b->length = &v->length;
    b->is_null = &v->null;
}

static void bind_number(MYSQL_BIND *b, struct value *v, long long number, bool null)
{
    b->buffer_type = MYSQL_TYPE_LONGLONG;
    v->number = number;
    v->null = null;
    b->buffer = &v->number;
    b->is_null = &v->null;
}

int64_t limit_as_column(const struct limit *limit)
{
    if (!limit->bounded)
        return 0;
    return limit->most == 0 ? -1 : limit->most;
}

static void bind_value(struct task *t, const struct slot *slot, const void *in, MYSQL_BIND *b, struct value *v)
{
    const void *at = (const char *)in + slot->offset;
    const struct limit *limit = at;
    const struct moment *moment = at;

    switch (slot->kind) {
    case KIND_TEXT: bind_text(b, v, *(const struct text *)at); break;
    case KIND_TEXTS: bind_text(b, v, destinations_join(t, at)); break;
    case KIND_INTEGER: bind_number(b, v, *(const int64_t *)at, false); break;
    case KIND_BOOLEAN: bind_number(b, v, *(const bool *)at, false); break;
    case KIND_LIMIT: bind_number(b, v, limit_as_column(limit), false); break;
    case KIND_MOMENT: bind_number(b, v, moment->unix_seconds, !moment->known); break;
    case KIND_SHAPE:
    case KIND_ROWS: assert(0); break;
    }
}

/* What goes wrong between two rows, the library notes on the connection alone. */
static enum outcome failed(struct connection *c, const struct statement *s, MYSQL_STMT *st)
{
    if (mysql_stmt_errno(st) == 0)
        return connection_failed(c, mysql_errno(c->mysql), mysql_error(c->mysql), s->name);
    return connection_failed(c, mysql_stmt_errno(st), mysql_stmt_error(st), s->name);
}

static enum outcome execute(struct task *t, const struct statement *s, const void *in, struct prepared **out)
{
    struct connection *c = task_connection(t);
    MYSQL_BIND binds[PARAMETERS_MAX] = { 0 };
    struct value values[PARAMETERS_MAX] = { 0 };
    struct prepared *p = NULL;
    enum outcome o;

    assert(c);
    o = connection_ready(c);
    if (o == DONE)
        o = prepared_find(c, s, &p);
    if (o != DONE)
        return o;
    for (unsigned i = 0; i < p->parameter_count; i++)
        bind_value(t, &p->parameters[i], in, &binds[i], &values[i]);
    if (p->parameter_count && mysql_stmt_bind_param(p->statement, binds) != 0)
        return failed(c, s, p->statement);
    if (mysql_stmt_execute(p->statement) != 0)
        return failed(c, s, p->statement);
    *out = p;
    return DONE;
}

struct cell { /* a result column's storage during a fetch */
    struct value value;
    char octets[SHORT_OCTETS];
};

static void bind_cell(const struct slot *slot, struct cell *cell, MYSQL_BIND *b)
{
    if (slot->kind == KIND_TEXT || slot->kind == KIND_TEXTS) {
        b->buffer_type = MYSQL_TYPE_STRING;
        b->buffer = cell->octets;
        b->buffer_length = sizeof cell->octets;
        b->length = &cell->value.length;
    } else {
        b->buffer_type = MYSQL_TYPE_LONGLONG;
        b->buffer = &cell->value.number;
    }
    b->is_null = &cell->value.null;
}

static struct text cell_text(struct task *t, MYSQL_STMT *st, unsigned column, const struct cell *cell)
{
    MYSQL_BIND again = { 0 };
    unsigned long length = cell->value.length;
    char *whole;

    if (cell->value.null)
        return (struct text){ 0 };
    if (length <= sizeof cell->octets)
        return task_copy(t, (struct text){ cell->octets, length });
    whole = task_alloc(t, length + 1);
    again.buffer_type = MYSQL_TYPE_STRING;
    again.buffer = whole;
    again.buffer_length = length;
    again.length = &length;
    mysql_stmt_fetch_column(st, &again, column, 0);
    return (struct text){ whole, length };
}

static void store_cell(struct task *t, const struct prepared *p, unsigned column, const struct cell *cell, void *row)
{
    const struct slot *slot = &p->columns[column];
    void *at = (char *)row + slot->offset;
    bool null = cell->value.null;
    int64_t number = null ? 0 : cell->value.number;

    switch (slot->kind) {
    case KIND_TEXT: *(struct text *)at = cell_text(t, p->statement, column, cell); break;
    case KIND_TEXTS: *(struct texts *)at = destinations_split(t, cell_text(t, p->statement, column, cell)); break;
    case KIND_INTEGER: *(int64_t *)at = number; break;
    case KIND_BOOLEAN: *(bool *)at = number != 0; break;
    case KIND_LIMIT: *(struct limit *)at = (struct limit){ number != 0, number > 0 ? number : 0 }; break;
    case KIND_MOMENT: *(struct moment *)at = (struct moment){ number > 0, number }; break;
    case KIND_SHAPE:
    case KIND_ROWS: assert(0); break;
    }
}

/* Fetches rows until `take` wants no more. A fresh task per row keeps the memory of a long run constant. */
static enum outcome fetch(struct task *t, const struct statement *s, struct prepared *p, bool row_task, row_fn *take,
                          void *context)
{
    struct connection *c = task_connection(t);
    MYSQL_BIND binds[COLUMNS_MAX] = { 0 };
    struct cell *cells = task_alloc(t, p->column_count * sizeof *cells);
    enum outcome o = DONE;
    int ended;

    for (unsigned i = 0; i < p->column_count; i++)
        bind_cell(&p->columns[i], &cells[i], &binds[i]);
    if (mysql_stmt_bind_result(p->statement, binds) != 0)
        return failed(c, s, p->statement);
    while (o == DONE && ((ended = mysql_stmt_fetch(p->statement)) == 0 || ended == MYSQL_DATA_TRUNCATED)) {
        struct task *of_row = row_task ? task_open() : t;
        void *row = task_alloc(of_row, s->gives->size);

        for (unsigned i = 0; i < p->column_count; i++)
            store_cell(of_row, p, i, &cells[i], row);
        o = take(context, row);
        if (row_task)
            task_close(of_row);
    }
    if (o == DONE && ended == 1)
        o = failed(c, s, p->statement);
    mysql_stmt_free_result(p->statement);
    return o;
}

struct first {
    void *out;
    size_t size;
    bool found;
};

static enum outcome keep_first(void *context, const void *row)
{
    struct first *f = context;

    if (!f->found)
        memcpy(f->out, row, f->size);
    f->found = true;
    return DONE;
}

enum outcome statement_one(struct task *t, const struct statement *s, const void *in, void *out)
{
    struct first f = { out, s->gives->size, false };
    struct prepared *p = NULL;
    enum outcome o = execute(t, s, in, &p);

    if (o == DONE)
        o = fetch(t, s, p, false, keep_first, &f);
    return o == DONE && !f.found ? MISSING : o;
}

struct gathered {
    struct task *t;
    struct rows *out;
    size_t size, room;
};

static enum outcome gather(void *context, const void *row)
{
    struct gathered *g = context;
    struct rows *r = g->out;

    if (r->count == g->room) {
        size_t room = g->room ? g->room * 2 : 16;
        void *more = task_alloc(g->t, room * g->size);

        if (r->count)
            memcpy(more, r->items, r->count * g->size);
        r->items = more;
        g->room = room;
    }
    memcpy((char *)r->items + r->count * g->size, row, g->size);
    r->count++;
    return DONE;
}

enum outcome statement_all(struct task *t, const struct statement *s, const void *in, struct rows *out)
{
    struct gathered g = { t, out, s->gives->size, 0 };
    struct prepared *p = NULL;
    enum outcome o = execute(t, s, in, &p);

    *out = (struct rows){ 0 };
    if (o == DONE)
        o = fetch(t, s, p, false, gather, &g);
    return o;
}

enum outcome statement_each(struct task *t, const struct statement *s, const void *in, row_fn *take, void *context)
{
    struct prepared *p = NULL;
    enum outcome o = execute(t, s, in, &p);

    return o == DONE ? fetch(t, s, p, true, take, context) : o;
}

enum outcome statement_run(struct task *t, const struct statement *s, const void *in, int64_t *changed)
{
    struct prepared *p = NULL;
    enum outcome o = execute(t, s, in, &p);

    if (o == DONE && changed)
        *changed = (int64_t)mysql_stmt_affected_rows(p->statement);
    return o;
}

int64_t statement_new_number(struct task *t)
{
    return (int64_t)mysql_insert_id(task_connection(t)->mysql);
}

enum outcome statement_check(struct task *t, const struct statement *s, struct text *out)
{
    struct prepared *p = NULL;
    enum outcome o = connection_ready(task_connection(t));

    if (o == DONE)
        o = prepared_find(task_connection(t), s, &p);
    *out = o == DONE ? TEXT("") : text_of(mysql_error(task_connection(t)->mysql));
    if (o == DONE && s->gives && p->column_count == 0)
        *out = TEXT("gives no columns");
    return out->length ? BROKEN : o;
}
