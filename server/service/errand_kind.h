/* server/service/errand_kind.h - the kinds of errands; only the verbs' own room includes it
 *
 * WANTED  While a change is made, and just before its commit, errands are noted in its work; errands_keep() writes them once
 *         the log's record has its number.
 * RUN     Each kind has a function that does one, in a task of its own and without a transaction. It ends as outside's
 *         functions do: DONE; INVALID, which is for good; RETRY.
 */
#ifndef POSTREEVE_SERVICE_ERRAND_KIND_H
#define POSTREEVE_SERVICE_ERRAND_KIND_H

#include "outside/letter.h"
#include "service/errand.h"

struct errand_wanted {
    struct errand e;      /* kind, event, payload; target and domain where they are not the change's own */
    struct text secret;   /* to be sealed; absent: none */
    struct text lane;     /* errands of the same kind and lane run one after the other; absent: it has its own */
    struct errand_wanted *next;
};
/* Copies *e into the work. */
void errand_want(struct work *w, const struct errand_wanted *e);

/* Writes what is wanted, and what the configuration wants of this change. */
MUST_USE enum outcome errands_keep(struct work *w, const struct record *r);
MUST_USE enum outcome hooks_want(struct work *w, const struct record *r);
void webhooks_want(struct work *w, const struct record *r);

struct errand_run {
    struct task *t;
    const struct service *s;
    const struct errand *e;
    int stop;
    struct text secret; /* opened; absent: none */
    struct text words;  /* out: why it did not succeed */
    bool more;          /* out, with DONE: there is more to do, at once */
    bool progressed;    /* out, with RETRY: it got on, so that its attempts begin anew */
    bool stopped;       /* out, with RETRY: it was ended because the service stops */
};
typedef enum outcome errand_fn(struct errand_run *r);
errand_fn hook_run, letter_run, webhook_run, broadcast_run;
int64_t hook_seconds(const struct config *c);
int64_t letter_seconds(const struct config *c);
int64_t webhook_seconds(const struct config *c);
int64_t broadcast_seconds(const struct config *c);

/* How letters leave, whom they are from (where nobody says it, and when an admin sends one), and an address as a letter has
 * it. */
struct letter_route letters_route(const struct config *c);
struct text letters_from(struct task *t, const struct config *c, struct text domain);
struct text letters_from_actor(struct work *w, struct text domain);
/* BUSY when this admin has sent as many as they may, by this verb. */
MUST_USE enum outcome letters_within_limit(struct work *w);
struct text letters_written(struct task *t, struct text address);

#endif
