/* server/base/task.c */
#include "base/task.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)8192)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
    struct block *older;
    size_t size, used;
    _Alignas(max_align_t) unsigned char octets[];
};

struct ending {
    task_ending *run;
    void *it;
    struct ending *older;
};

struct task {
    struct block *newest;
    struct ending *endings;
    struct problem *problems, **last_problem;
    struct connection *connection;
};

static void *must_allocate(size_t size)
{
    void *it = malloc(size);

    if (!it) {
        log_line(LOG_FAULT, "out of memory (%zu octets)", size);
        abort();
    }
    return it;
}

static struct block *block_add(struct block *older, size_t needed)
{
    size_t size = needed > BLOCK_BYTES ? needed : BLOCK_BYTES;
    struct block *b = must_allocate(sizeof *b + size);

    b->older = older;
    b->size = size;
    b->used = 0;
    return b;
}

struct task *task_open(void)
{
    struct block *first = block_add(NULL, BLOCK_BYTES);
    struct task *t = (struct task *)(void *)first->octets;

    first->used = (sizeof *t + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    memset(t, 0, sizeof *t);
    t->newest = first;
    t->last_problem = &t->problems;
    return t;
}

void task_close(struct task *t)
{
    struct block *b;

    if (!t)
        return;
    while (t->endings) {
        struct ending *e = t->endings;

        t->endings = e->older;
        e->run(e->it);
    }
    b = t->newest; /* t itself lies in the oldest block */
    while (b) {
        struct block *older = b->older;

        explicit_bzero(b->octets, b->used); /* passwords pass through here */
        free(b);
        b = older;
    }
}

void *task_alloc(struct task *t, size_t size)
{
    size_t rounded;
    void *it;

    if (size > SIZE_MAX / 2) {
        log_line(LOG_FAULT, "absurd allocation (%zu octets)", size);
        abort();
    }
    rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded == 0)
        rounded = ALIGNMENT;
    if (t->newest->size - t->newest->used < rounded)
        t->newest = block_add(t->newest, rounded);
    it = t->newest->octets + t->newest->used;
    t->newest->used += rounded;
    return memset(it, 0, rounded);
}

struct text task_copy(struct task *t, struct text given)
{
    char *at;

    if (!given.at)
        return given;
    at = task_alloc(t, given.length + 1);
    memcpy(at, given.at, given.length);
    return (struct text){ at, given.length };
}

struct text task_join(struct task *t, struct text a, struct text b)
{
    char *at = task_alloc(t, a.length + b.length + 1);

    if (a.length)
        memcpy(at, a.at, a.length);
    if (b.length)
        memcpy(at + a.length, b.at, b.length);
    return (struct text){ at, a.length + b.length };
}

struct text task_printf(struct task *t, const char *format, ...)
{
    va_list args, again;
    int length;
    char *at;

    va_start(args, format);
    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        length = 0;
    at = task_alloc(t, (size_t)length + 1);
    vsnprintf(at, (size_t)length + 1, format, again);
    va_end(again);
    return (struct text){ at, (size_t)length };
}

char *task_c_string(struct task *t, struct text given)
{
    char *at;

    if (!given.at)
        return NULL;
    at = task_alloc(t, given.length + 1);
    memcpy(at, given.at, given.length);
    return at;
}

struct text task_lower(struct task *t, struct text given)
{
    char *at;

    if (!given.at)
        return given;
    at = task_c_string(t, given);
    for (size_t i = 0; i < given.length; i++)
        if (at[i] >= 'A' && at[i] <= 'Z')
            at[i] = (char)(at[i] - 'A' + 'a');
    return (struct text){ at, given.length };
}

void task_defer(struct task *t, task_ending *ending, void *it)
{
    struct ending *e = task_alloc(t, sizeof *e);

    *e = (struct ending){ ending, it, t->endings };
    t->endings = e;
}

void task_note(struct task *t, const char *field, const struct problem_kind *kind, struct figure figure)
{
    struct problem *p = task_alloc(t, sizeof *p);

    p->field = task_copy(t, text_of(field));
    p->kind = kind;
    p->figures[0] = figure;
    *t->last_problem = p;
    t->last_problem = &p->next;
}

enum outcome task_problem(struct task *t, const char *field, const struct problem_kind *kind)
{
    task_note(t, field, kind, (struct figure){ 0 });
    return INVALID;
}

enum outcome task_problem_figure(struct task *t, const char *field, const struct problem_kind *kind,
                                 const char *name, int64_t value)
{
    task_note(t, field, kind, (struct figure){ name, value });
    return INVALID;
}

const struct problem *task_problems(const struct task *t)
{
    return t->problems;
}

void task_forget_problems(struct task *t)
{
    t->problems = NULL;
    t->last_problem = &t->problems;
}

static const struct figure *figure_named(const struct problem *p, struct text name)
{
    for (size_t i = 0; i < FIGURES_MAX; i++)
        if (p->figures[i].name && text_equal(text_of(p->figures[i].name), name))
            return &p->figures[i];
    return NULL;
}

struct text problem_detail(struct task *t, const struct problem *p)
{
    struct text rest = text_of(p->kind->detail), said = TEXT("");

    for (;;) {
        size_t open = text_find(rest, '{'), close = text_find(rest, '}');
        const struct figure *f;

        if (open == TEXT_NOT_FOUND || close == TEXT_NOT_FOUND)
            return task_join(t, said, rest);
        f = figure_named(p, text_part(rest, open + 1, close - open - 1));
        said = task_join(t, said, text_part(rest, 0, open));
        if (f)
            said = task_join(t, said, task_printf(t, "%lld", (long long)f->value));
        rest = text_part(rest, close + 1, rest.length);
    }
}

void task_use_connection(struct task *t, struct connection *c)
{
    t->connection = c;
}

struct connection *task_connection(const struct task *t)
{
    return t->connection;
}
