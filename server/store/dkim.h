/* server/store/dkim.h - rows of Postfix Admin's dkim and dkim_signing
 *
 * WHAT    A key signs for its domain when a row of dkim_signing has the domain as its author. An adopted database may have rows
 *         for other authors (a mailbox, another domain): they are kept, and rendered.
 */
#ifndef POSTREEVE_STORE_DKIM_H
#define POSTREEVE_STORE_DKIM_H

#include "model/dkim.h"
#include "store/listing.h"

MUST_USE enum outcome store_dkim_find(struct task *t, int64_t id, struct dkim_key *out);
MUST_USE enum outcome store_dkim_lock(struct task *t, int64_t id, struct dkim_key *out);
MUST_USE enum outcome store_dkim_of_domain(struct task *t, struct text domain, struct rows *out); /* the oldest first */
/* DONE when the domain has a key of that selector, else MISSING. The domain's row is to be locked. */
MUST_USE enum outcome store_dkim_named(struct task *t, struct text domain, struct text selector);
MUST_USE enum outcome store_dkim_insert(struct task *t, struct dkim_key *k); /* sets id */
MUST_USE enum outcome store_dkim_keep_private(struct task *t, const struct dkim_key *k);
MUST_USE enum outcome store_dkim_delete(struct task *t, int64_t id);
/* No key signs for the domain any more; and that one does. */
MUST_USE enum outcome store_dkim_stop(struct task *t, struct text domain);
MUST_USE enum outcome store_dkim_start(struct task *t, struct text domain, int64_t id);
/* Whether the name of the key that an image (store/image.h) holds is another's by now. */
MUST_USE enum outcome store_dkim_name_taken(struct task *t, int64_t image, bool *out);

struct dkim_signing { /* who signs with which key, in the order of the authors */
    struct text author;
    int64_t id;
    struct text domain, selector, stored_private;
};
extern const struct shape dkim_signing_shape;
/* Those of domains that are active, with their private keys as they are stored. */
MUST_USE enum outcome store_dkim_signings(struct task *t, struct rows *out);

#endif
