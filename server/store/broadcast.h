/* server/store/broadcast.h - letters to all mailboxes of some domains: what they are, and how far they have come */
#ifndef POSTREEVE_STORE_BROADCAST_H
#define POSTREEVE_STORE_BROADCAST_H

#include "model/letter.h"
#include "store/statement.h"

/* Gives its number in b->id. */
MUST_USE enum outcome store_broadcast_insert(struct task *t, struct broadcast *b);
MUST_USE enum outcome store_broadcast_find(struct task *t, int64_t id, struct broadcast *out); /* whole */
MUST_USE enum outcome store_broadcast_lock(struct task *t, int64_t id, struct broadcast *out);
MUST_USE enum outcome store_broadcast_cancel(struct task *t, int64_t id);

/* Active mailboxes in active domains: of b->domains, or of all when there are none. */
MUST_USE enum outcome store_broadcast_count(struct task *t, const struct broadcast *b, int64_t *out);
struct addressee {
    struct text address, display_name;
};
/* The next b->limit of them behind b->done_to, of struct addressee. */
MUST_USE enum outcome store_broadcast_next(struct task *t, const struct broadcast *b, struct rows *out);
/* Notes done_to, sent, failed, last_error and state (unless it is cancelled); MISSING when it has moved on from
 * `was_done_to` meanwhile, by another server. */
MUST_USE enum outcome store_broadcast_note(struct task *t, const struct broadcast *b, struct text was_done_to);

#endif
