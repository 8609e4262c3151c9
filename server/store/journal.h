/* server/store/journal.h - the log of changes, chained by hash
 *
 * WHAT    One record per change, in Postfix Admin's `log` with columns of ours. Records are links of 64 chains
 *         (sql/migrations/0003): a writer takes a chain that no other transaction holds, so that writers do not wait for
 *         each other, and yet whoever changes, removes or moves a record breaks the chain it is in.
 * NOTE    Rows without a chain are Postfix Admin's own, or older than the chains; nothing vouches for them.
 */
#ifndef POSTREEVE_STORE_JOURNAL_H
#define POSTREEVE_STORE_JOURNAL_H

#include "model/account.h"
#include "store/statement.h"

#define CHAINS 64

struct chain_head {
    int64_t chain, link, record;
    struct text hash;  /* of the newest record, whose number is `record`; empty, and 0, before the first */
    struct text stamp; /* now, as the log's column writes it */
    int64_t start;
};
/* Takes a chain until the transaction ends. `start` spreads the nodes of a cluster over the chains. */
MUST_USE enum outcome store_chain_take(struct task *t, int64_t start, struct chain_head *out);
/* Writes the record with its hash and gives its number in r->id; then the chain's new head. */
MUST_USE enum outcome store_record_add(struct task *t, struct record *r);

/* All records of one chain in the order of their links, and its head. */
MUST_USE enum outcome store_record_each(struct task *t, int64_t chain, row_fn *take, void *context);
MUST_USE enum outcome store_chain_head(struct task *t, int64_t chain, struct chain_head *out);
/* How many records there are in chains, and how many outside. */
MUST_USE enum outcome store_record_count(struct task *t, int64_t *chained, int64_t *foreign);

MUST_USE enum outcome store_record_lock(struct task *t, int64_t id, struct record *out);
MUST_USE enum outcome store_record_find(struct task *t, int64_t id, struct record *out);
/* The same for those who are no super admin: MISSING when it tells of one, as it is not in their list. */
MUST_USE enum outcome store_record_find_below_super(struct task *t, int64_t id, struct record *out);
/* The oldest later change of the same target that stands; MISSING when there is none. Log-ins do not count, nor does what
 * was undone, nor the undoing of something later. */
MUST_USE enum outcome store_record_newer(struct task *t, const struct record *than, struct record *out);
MUST_USE enum outcome store_record_mark_undone(struct task *t, int64_t id, int64_t undone_by); /* 0: no longer */

#endif
