/* server/store/image.h - rows as they were before a change, kept to go back to
 *
 * WHAT    An image is what a change is about to touch: rows of several tables, as JSON objects of all their columns
 *         (hashes of passwords among them, clear secrets never). It is taken and put back by the database itself, so that
 *         a domain of 100,000 mailboxes is a handful of statements.
 * NOTE    A column that a table has and its part here does not name would be lost; a test compares them.
 */
#ifndef POSTREEVE_STORE_IMAGE_H
#define POSTREEVE_STORE_IMAGE_H

#include "base/task.h"

enum image_kind {
    IMAGE_NONE,
    IMAGE_DOMAIN,        /* its own row */
    IMAGE_DOMAIN_WHOLE,  /* with all that is in it */
    IMAGE_MAILBOX,       /* the mailbox, its forward and its vacation */
    IMAGE_MAILBOX_WHOLE, /* with all that goes when it is deleted */
    IMAGE_ALIAS,
    IMAGE_ALIAS_DOMAIN,
    IMAGE_ADMIN,
    IMAGE_TRANSPORT,
    IMAGE_SENDER_ACCESS,
    IMAGE_SENDER_LOGIN,
    IMAGE_RELAY,
    IMAGE_FETCHMAIL,
    IMAGE_DKIM_KEY,      /* and for whom it signs */
    IMAGE_KINDS
};

/* `image` is a random number above 0. */
MUST_USE enum outcome store_image_keep(struct task *t, int64_t image, enum image_kind kind, struct text key);
/* Puts the rows back over what is there; rows that were not there then are removed. */
MUST_USE enum outcome store_image_restore(struct task *t, int64_t image, enum image_kind kind, struct text key);
MUST_USE enum outcome store_image_sweep(struct task *t, int64_t days, int64_t *gone);

#endif
