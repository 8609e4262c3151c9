/* server/store/rename.h - a mailbox gets another address, in every table that names it
 *
 * A table that comes to name mailboxes needs its statement here, as it needs one where mailboxes are deleted.
 */
#ifndef POSTREEVE_STORE_RENAME_H
#define POSTREEVE_STORE_RENAME_H

#include "model/mailbox.h"

struct renaming {
    struct text from;           /* the address of before */
    const struct mailbox *to;   /* with its new address and goto_list (mailbox_readdress) */
    struct texts only;          /* whose aliases follow: those in these domains; empty: all */
    struct text owner;          /* and in domains delegated to that admin; absent: all */
};

/* CONFLICT: the new address is taken. Destinations that name the old one follow; `followed` is in how many rows. */
MUST_USE enum outcome store_mailbox_rename(struct task *t, const struct renaming *r, int64_t *followed);

#endif
