/* server/base/shape.h - one table per struct that crosses an edge
 *
 * WHAT    A shape lists the fields of a struct: where each lies, its kind, its bounds, its words. Decoding, checks,
 *         encoding, SQL columns, command-line options, OpenAPI and through it the interface all walk it.
 * WHY     A field is declared once. FIELD() takes the kind from the member's C type, so that table and struct
 *         cannot disagree.
 * INSIDE  A struct that is a field of another begins with a `field_set given`, which decoding fills, so that a merge
 *         patch of {"forward": {"keep_copy": false}} leaves the destinations alone.
 * LIMITS  A shape says what one value may be, never how two relate: that is a function in model/.
 *         At most 64 fields, because a set of them is one uint64_t (field_set).
 */
#ifndef POSTREEVE_BASE_SHAPE_H
#define POSTREEVE_BASE_SHAPE_H

#include "base/task.h"

#include <stddef.h>

struct limit {     /* "at most so many", or no limit at all: null in JSON */
    bool bounded;
    int64_t most;
};

struct rows {      /* of a shape; only shown, never taken */
    void *items;   /* array of its struct */
    size_t count;
};

struct moment {    /* UTC; known == false is null */
    bool known;
    int64_t unix_seconds;
};

enum kind { KIND_TEXT, KIND_TEXTS, KIND_INTEGER, KIND_BOOLEAN, KIND_LIMIT, KIND_MOMENT, KIND_SHAPE, KIND_ROWS };

enum field_flags {
    KEY = 1,         /* names the item; fixed once created */
    REQUIRED = 2,    /* must be given on creation */
    READ_ONLY = 4,   /* the system's to say */
    CREATE_ONLY = 8, /* input of a creation, never shown */
    SECRET = 16,     /* input only, never shown, logged or audited */
    MULTILINE = 32,  /* newlines and tabs are allowed */
    NO_BLANK = 64,   /* given, but empty, is a problem */
    BYTES = 128,     /* a size: the command line takes and shows K M G */
    NULLABLE = 256,  /* TEXT that is shown: absence is an answer, too, null in JSON */
    INPUT_ONLY = 2048, /* says how something is to be done; never shown, never kept */
    KEY_PART = 1024, /* with the domain it is under it makes the key; the command line gives the key whole */
    ONCE = 512       /* TEXT, TEXTS: shown only in the answer that made it, never kept, logged or listed; else left out */
};

typedef uint64_t field_set; /* bit i: fields[i] */

struct shape;
typedef enum outcome canon_fn(struct task *t, const char *field, struct text given, struct text *out);

struct field {
    const char *name;
    enum kind kind;
    size_t offset;
    unsigned flags;
    int64_t min, max;           /* TEXT: code points; TEXTS: entries; INTEGER, LIMIT: the value. max 0: no bound */
    int64_t entry_max;          /* TEXTS: code points of one entry */
    bool on;                    /* BOOLEAN: true unless said otherwise */
    canon_fn *canon;            /* TEXT, TEXTS (each entry): checks and gives the canonical form */
    canon_fn *shown;            /* TEXT, TEXTS: the form for people; never fails on what canon gave */
    const char *const *words;   /* TEXT: the allowed values, ended by NULL */
    const struct shape *shape;  /* SHAPE, ROWS: what the struct inside, or each of them, looks like */
    const char *option;         /* command-line option where it differs from the name */
    const char *doc;
};

struct shape {
    const char *name;
    size_t size;                /* of the struct */
    const struct field *fields;
    size_t count;
};

/* clang-format off */
#define KIND_OF(member) _Generic((member), struct text: KIND_TEXT, struct texts: KIND_TEXTS, int64_t: KIND_INTEGER, \
    bool: KIND_BOOLEAN, struct limit: KIND_LIMIT, struct moment: KIND_MOMENT, struct rows: KIND_ROWS, default: KIND_SHAPE)
#define FIELD(type, member, ...) \
    { .name = #member, .kind = KIND_OF(((type *)0)->member), .offset = offsetof(type, member), __VA_ARGS__ }
#define COLUMN(type, member) FIELD(type, member, .flags = 0) /* no edge checks it: the store's own */
#define SHAPE(type, label, table) { .name = (label), .size = sizeof(type), .fields = (table), .count = COUNT(table) }
/* clang-format on */

static inline void *field_at(const struct field *f, void *value)
{
    return (char *)value + f->offset;
}

static inline const void *field_in(const struct field *f, const void *value)
{
    return (const char *)value + f->offset;
}

const struct field *shape_field(const struct shape *s, struct text name);
/* The field that a dotted path names ("forward.destinations"), and where it lies from the start of the struct. */
const struct field *shape_path(const struct shape *s, struct text path, size_t *offset);
field_set shape_bit(const struct shape *s, const char *name); /* asserts that there is one */
void shape_defaults(const struct shape *s, void *value);      /* zero, and `on` for booleans that are */
/* Puts the fields in `given` from `from` over those in `into`; both of shape s. */
void shape_overlay(const struct shape *s, void *into, const void *from, field_set given);
bool shape_equal(const struct shape *s, const void *a, const void *b);

/* Checks a given text, or list, against its field and puts the canonical form in place.
 * `path` names the field in problems ("forward.destinations"). */
MUST_USE enum outcome field_check_text(struct task *t, const struct field *f, const char *path, struct text *value);
MUST_USE enum outcome field_check_texts(struct task *t, const struct field *f, const char *path, struct texts *value);
/* RFC 3339 with seconds and zone: "2026-12-31T00:00:00+09:00"; a mere date is its first moment, UTC. */
MUST_USE enum outcome moment_read(struct task *t, const char *path, struct text given, struct moment *out);
MUST_USE enum outcome field_check_integer(struct task *t, const struct field *f, const char *path, int64_t value);

#endif
