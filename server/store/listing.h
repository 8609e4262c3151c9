/* server/store/listing.h - one page of a list
 *
 * WHAT    Keyset paging: a cursor says behind which row the page begins, so page 1,000 costs what page 1 costs where an
 *         index has that order. Within one domain that index is named: left to itself, the database reads a whole table in
 *         the order of its primary key, in the hope that LIMIT soon ends it. A
 *         listing is data: its columns, its sorts, what a search compares. The SQL of each variant (sort, direction,
 *         search, cursor, scope) is put together from these constant parts alone; a test prepares every one.
 */
#ifndef POSTREEVE_STORE_LISTING_H
#define POSTREEVE_STORE_LISTING_H

#include "store/statement.h"

#define PAGE_LIMIT_MAX 500
#define PAGE_LIMIT_DEFAULT 50

struct page { /* what the caller asks for */
    int64_t limit;
    struct text cursor, search, sort;
    bool total;
    /* filters: each list says which of them it knows */
    struct text domain, actor, verb, state;
    bool active;
    struct moment since, until;
    field_set given; /* which of these the caller gave */
};
extern const struct shape page_shape;

struct scope { /* which rows exist for this actor, and under which domain they ask */
    struct text domain; /* empty: any */
    struct text owner;  /* only domains delegated to this admin; empty: all */
    struct texts only;  /* only these domains; empty: all */
};

struct filter {
    const char *field;     /* of page_shape */
    const char *condition; /* in SQL, with the field's name as its value: "m.active = :active" */
};

struct sort {
    const char *field;      /* as in the shape */
    const char *expression; /* as in SQL */
};

struct shortcut { /* and what few lists have; each part may be NULL */
    const char *joins;           /* behind `from`, which is one table then: one row of these at most for each of its rows */
    const char *const *indexes;  /* for each sort: what has one domain's rows in that order; NULL: they are sorted each time */
    const char *search_index;    /* to be read when a search is within one domain */
    const char *domain_index;    /* has each domain's rows together; for the rows of several domains, as long as they are few */
    const char *sift;            /* true of whatever `search` is true of, and cheaper; with :plain */
    const char *sift_spelled;    /* the same for `spelled`; with :spelled_plain */
    const char *not_owned;       /* joins, for each row that `owned` leaves out, one row; these are counted and taken off */
    const char *other_domain;    /* of a row between two domains, the other one: a scope's `only` must hold both */
};

struct listing {
    const char *name;
    const char *columns, *from;
    const char *where;           /* which rows are of this list at all; NULL: all */
    const char *domain;          /* expression for the row's domain */
    const char *owned;           /* condition besides the domain's for actors who are no super admin; NULL: none */
    const char *search;          /* condition with :search */
    const char *spelled;         /* one with :spelled, for columns that hold domains in A-labels; NULL: none */
    const char *key;             /* expression of the shape's KEY field: unique, the last sort */
    const struct sort *sorts;    /* the first is the default */
    size_t sort_count;
    const struct shape *gives;
    const struct filter *filters; /* besides `domain`, which every list with a domain knows; ended by a NULL field */
    const struct shortcut *shortcut; /* NULL: the database finds its way */
};
/* Whether the list knows that field of page_shape: the common part always, a filter if it is its own. Without a listing (NULL)
 * none: such a list is bounded, and always whole. */
bool listing_knows(const struct listing *l, const struct field *of_page);

struct list {
    const struct shape *shape;
    struct rows rows;
    struct text next; /* cursor; absent on the last page */
    bool has_total;
    int64_t total;
};

MUST_USE enum outcome listing_page(struct task *t, const struct listing *l, const struct page *page,
                                   const struct scope *scope, struct list *out);

/* Every variant's statement, for the tests; returns how many there are, `index` from 0 on. */
size_t listing_variants(const struct listing *l);
struct statement listing_variant(struct task *t, const struct listing *l, size_t index);

#endif
