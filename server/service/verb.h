/* server/service/verb.h - the verbs of the product, a row and a function each
 *
 * WHAT    A verb is what people can do: "mailbox.create". Its row says who may (model/permit.h), what it takes and gives
 *         (shapes), and which function does it. HTTP routes, the command line and OpenAPI hang on these rows.
 * HOW     transact() runs any of them: place, permit, begin, lock and compare with If-Match, verb, audit, commit. A verb
 *         touches only its task and the store, because after a deadlock it runs again.
 */
#ifndef POSTREEVE_SERVICE_VERB_H
#define POSTREEVE_SERVICE_VERB_H

#include "config/config.h"
#include "model/password.h"
#include "model/permit.h"
#include "store/connection.h"
#include "store/image.h"
#include "store/listing.h"

/* Writes a value as JSON by its shape, without CREATE_ONLY and SECRET fields, and unless `whole` without READ_ONLY ones;
 * handed in, since only api knows JSON. For the log and for ETags. */
typedef struct text describe_fn(struct task *t, const struct shape *shape, const void *value, bool whole);

struct verb;
struct answer;
/* An answer whole, as its edge will give it, so that it can be given again. */
typedef struct text render_fn(struct task *t, const struct verb *verb, const struct answer *answer);

struct service {
    struct store *store;
    const struct config *config;
    describe_fn *describe;
    render_fn *render;
    enum scheme scheme;
    enum maildir_layout layout;
    void (*wake)(void *context); /* after a commit with errands; NULL: nobody waits for them here */
    void *wake_context;
};

struct request {
    struct text key;    /* canonical key of the item: address, domain or username */
    struct text domain; /* canonical; the domain that a list or a creation is under, or absent */
    const void *body;   /* of the verb's `takes` */
    field_set given;    /* which of its fields were given */
    struct page page;   /* of lists */
    struct text if_match; /* ETag; absent: any */
    struct text idempotency_key; /* of a POST; absent: none */
    struct text raw_body;        /* as it came, to tell the same POST from another */
};

struct answer {
    void *item;              /* of the verb's `gives`; NULL: nothing to show */
    struct list list;
    struct text etag;        /* of the item */
    struct text key;         /* of the item created */
    int64_t wait_seconds;    /* with BUSY */
    int64_t not_before_ms;   /* earliest moment to answer (clock_monotonic_ms); 0: at once */
    struct text session_token; /* a new one */
    struct text replayed;    /* what render gave when this was done before; nothing else counts then */
    int64_t undo;            /* the log's record by which this change can be undone; 0: it cannot */
    bool alarm;              /* it was looked into, and the finding is bad: a command ends with EX_DATAERR */
};

/* ACT_DO is what else one can do to an item: "mailbox.freeze", a POST below the item. ACT_TRY tries an item
 * out, in the same way, and lists how each step went; it changes nothing, and has its record in the log. */
enum act { ACT_LIST, ACT_SHOW, ACT_CREATE, ACT_UPDATE, ACT_DELETE, ACT_DO, ACT_TRY };

struct work; /* one run of a verb */
typedef enum outcome verb_fn(struct work *w);

struct resource {
    const char *noun;         /* for people: "mailbox" */
    const char *key;          /* name of its key field */
    const struct shape *shape;
    canon_fn *canon;          /* of the key */
    /* From the body of a creation: sets w->key and w->domain. */
    verb_fn *place;
    /* The domain whose admins may; sets w->domain from w->key. NULL: super admins only. */
    verb_fn *belongs;
    bool ranked;              /* its key is an account's name, so rank counts */
    /* Locks and reads the row of that key. */
    enum outcome (*lock)(struct task *t, struct text key, void *out);
    size_t size;              /* of its struct */
    enum image_kind image;    /* what is kept before a change of it */
    enum image_kind image_whole; /* and before it is deleted */
    /* Of an undo: CONFLICT unless w->key is free for a deleted one to come back; and whether w->after, which is there
     * again, may be there by the rules of now. NULL: always. */
    verb_fn *vacant, *readmit;
    const struct listing *listing; /* what its list is; says which filters it knows */
};

struct verb {
    const char *name;
    enum act act;
    enum may may;
    const struct resource *of;
    const struct shape *takes, *gives;
    verb_fn *run;
    const char *summary;
    bool own_transaction; /* it begins and commits itself (change_begin, change_commit) */
};

struct work {
    struct task *t;
    const struct service *s;
    const struct verb *verb;
    const struct actor *actor;
    const struct request *in;
    struct answer *out;
    struct text key, domain;
    void *before;   /* the item as it was, locked; NULL on creation */
    const struct shape *logged; /* shape of before and after in the log; the resource's unless set */
    const void *after;          /* for the log; out->item unless set */
    int64_t image;              /* of the state before; 0: none was kept */
    int64_t record;             /* the log's, once it is written */
    struct errand_wanted *errands; /* what is to follow from it (service/errand_kind.h) */
    bool wakes;                 /* whether there is an errand to run once it is committed */
    struct text old_password, new_password; /* that were changed, for the hooks; the old one only from its owner */
    struct record *undone;      /* the record that this undoes */
};

/* Whether it answers with a list of what it gives. */
static inline bool verb_gives_list(const struct verb *v)
{
    return v->act == ACT_LIST || v->act == ACT_TRY;
}

extern const struct verb *const verb_tables[]; /* one array per resource, each ended by a NULL name; ended by NULL */
const struct verb *verb_named(struct text name);

/* Runs a verb for an actor. Words for people are the task's problems. */
MUST_USE enum outcome transact(const struct service *s, struct task *t, const struct verb *v,
                               const struct actor *actor, const struct request *in, struct answer *out);

/* Whether all rows say who may; the name of the first that does not, else NULL. Programs refuse to start then. */
const char *verb_without_permit(void);

/* For verbs with own_transaction. change_commit() writes the log's record first. */
MUST_USE enum outcome change_begin(struct work *w);
MUST_USE enum outcome change_commit(struct work *w);
/* DENIED unless the actor's reach covers that domain, too. */
MUST_USE enum outcome permit_domain(struct work *w, struct text domain);
/* The page of a listing within the actor's reach. */
/* For keys that are numbers. */
MUST_USE enum outcome number_canon(struct task *t, const char *field, struct text given, struct text *out);
MUST_USE enum outcome list_page(struct work *w, const struct listing *l);
/* The same of what is numbered as it comes, the newest first unless asked otherwise; items are shown by `shape`. */
MUST_USE enum outcome list_newest_first(struct work *w, const struct listing *l, const struct shape *shape);
struct scope list_scope(const struct work *w);
/* Keeps what a change is about to touch, for undoing it. transact() does it where the resource says what. */
MUST_USE enum outcome keep_image(struct work *w, enum image_kind kind, struct text key);
bool verb_only_reads(const struct verb *v);
/* Whether that role may do this at all, and the token, if one came, covers it: DONE, DENIED or STRANGER. What it is done
 * to is asked later, by transact(). */
MUST_USE enum outcome permit_verb(const struct verb *v, const struct actor *actor);
/* Adds a problem and ends as CONFLICT. */
MUST_USE enum outcome conflict(struct work *w, const char *field, const struct problem_kind *kind);
/* Policy and hash of a password given in `field`. */
MUST_USE enum outcome password_admit_and_hash(struct work *w, const char *field, struct text clear, struct text owner,
                                              struct text *out);
/* STALE unless If-Match allows a change of that value. transact() does it where the resource has a lock. */
MUST_USE enum outcome require_match(struct work *w, const struct shape *shape, const void *value);
/* A merge patch over the locked item: a copy of `before` with the given fields of the body in place. */
void *patched(struct work *w, const struct shape *shape, size_t size);

#endif
