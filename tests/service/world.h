/* tests/service/world.h - a small world of domains, accounts and addresses, and a way to ask it for things
 *
 * WHAT    Domains own, own-alias and own-fresh (.example) are delegated to dora; other, other-alias and other-fresh are
 *         not. The -alias ones mean own and other. Each of own and other has mailboxes plain, deputy and chief, aliases
 *         l-plain, l-deputy and l-chief; deputies are domain admins, too, and chiefs super admins, as are the new-deputy
 *         and new-chief who have no address yet. Everybody's password is PASSWORD.
 *         Each of own and other has a transport, a rule for it as a sender, and in its mailbox plain one who may
 *         send as l-plain: number 1 in own, 2 in other. The same numbers have jobs
 *         that fetch letters into plain. Relays own and other are at a port where nobody listens.
 *         DKIM keys without octets have those numbers, too.
 *         An errand that failed, and a broadcast of dora's, are in each, too, with the same numbers.
 * HOW     world_ask() decodes the body as the API does, and runs the verb through transact().
 */
#ifndef POSTREEVE_TESTS_SERVICE_WORLD_H
#define POSTREEVE_TESTS_SERVICE_WORLD_H

#include "store/scratch.h"

#include "config/config.h"
#include "service/verb.h"

#define PASSWORD "correct horse 1"

struct world {
    struct scratch *db;
    struct config config;
    struct service service;
    struct task *kept;    /* what lives as long as the world; NULL: nothing yet */
    struct task *t;       /* of the latest request; the next one ends it */
    struct answer answer; /* to it */
};

extern const struct actor nobody, user, dora, super;
extern const struct actor *const actors[ROLES]; /* index is the role */

int world_open(void **state);  /* group setup */
int world_close(void **state); /* group teardown */
int world_reset(void **state); /* setup of each test: everything as at the beginning */

struct ask {
    const struct actor *as;
    const char *verb, *key, *domain, *body, *if_match;
    struct page page;
};
enum outcome world_ask(struct world *w, const struct ask *ask);
/* ASK(w, &dora, "mailbox.show", .key = "taro@own.example") */
#define ASK(w, who, ...) world_ask(w, &(struct ask){ .as = (who), .verb = __VA_ARGS__ })

/* From here on there is a key file; and the code that this seed has now, or some steps away. */
void world_with_key(struct world *w);
const char *world_code(struct task *t, const char *seed, int steps_away);
#define SEED "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
/* An account ("mailbox", "admin") was offered SEED just now. */
void world_offer(struct world *w, const char *account, const char *username);

bool verb_changes(const struct verb *v);
long long log_rows(struct world *w);

/* One request and what becomes of it. Whatever the request is, it leaves one record in the log when it is a change that was
 * done, and no trace at all when it was not. */
struct play {
    const char *what;
    const char *before; /* SQL as the database's root; NULL: none */
    struct ask ask;
    enum outcome outcome;
    const char *problem, *field; /* the first one's code and field; NULL: none */
    const char *query, *rows;    /* what is there afterwards (scratch_rows); NULL: not asked */
};
void world_play(struct world *w, const struct play *plays, size_t count);

/* "table.column: how many rows", a line each, of every column in which these words stand; of no table named `but`. */
const char *world_places_with(struct world *w, struct task *t, const char *words, const char *but);

#endif
