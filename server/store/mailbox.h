/* server/store/mailbox.h - rows of `mailbox` with their forward, and of `alias`
 *
 * A mailbox's forward is the alias row under its own address; both are written together.
 */
#ifndef POSTREEVE_STORE_MAILBOX_H
#define POSTREEVE_STORE_MAILBOX_H

#include "model/mailbox.h"
#include "store/listing.h"

/* In SQL, of a mailbox and its domain. What Postfix Admin documents for Dovecot says the same. */
#define PASSWORD_EXPIRED(mailbox, domain) \
    "(COALESCE(" domain ".password_expiry, 0) > 0 AND " mailbox ".password_expiry <= NOW())"

MUST_USE enum outcome store_mailbox_find(struct task *t, struct text address, struct mailbox *out);
MUST_USE enum outcome store_mailbox_lock(struct task *t, struct text address, struct mailbox *out);
MUST_USE enum outcome store_mailbox_page(struct task *t, const struct page *page, const struct scope *scope,
                                         struct list *out);
/* CONFLICT: the address is taken, by a mailbox or an alias. goto_list must be written (mailbox_write_goto). */
MUST_USE enum outcome store_mailbox_insert(struct task *t, const struct mailbox *m);
MUST_USE enum outcome store_mailbox_update(struct task *t, const struct mailbox *m);
MUST_USE enum outcome store_mailbox_set_password(struct task *t, struct text address, struct text hash);
/* Locks its password and its app passwords, and gives them back as they were; twice is once. A password that is set
 * meanwhile is locked, too. */
MUST_USE enum outcome store_mailbox_freeze(struct task *t, struct text address);
MUST_USE enum outcome store_mailbox_thaw(struct task *t, struct text address);
/* The row and all that is the mailbox's own: forward, vacation, usage, app passwords, second-factor exceptions,
 * fetchmail jobs. Its sessions are session.h's. */
MUST_USE enum outcome store_mailbox_delete(struct task *t, struct text address);
/* What a mailbox that was there before has left under that address, all but its row and its forward. */
MUST_USE enum outcome store_mailbox_sweep(struct task *t, struct text address);

MUST_USE enum outcome store_alias_find(struct task *t, struct text address, struct alias *out);
MUST_USE enum outcome store_alias_lock(struct task *t, struct text address, struct alias *out);
MUST_USE enum outcome store_alias_insert(struct task *t, const struct alias *a);
MUST_USE enum outcome store_alias_update(struct task *t, const struct alias *a);
/* Active aliases of its domain; other mailboxes' forwards are their owners' business. */
MUST_USE enum outcome store_aliases_leading_to(struct task *t, struct text address, struct leading *out);
MUST_USE enum outcome store_alias_delete(struct task *t, struct text address);
/* The destinations of any alias row that answers, a mailbox's own included; MISSING when there is none. */
MUST_USE enum outcome store_destinations_of(struct task *t, struct text address, struct texts *out);

#endif
