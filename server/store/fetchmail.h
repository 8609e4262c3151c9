/* server/store/fetchmail.h - rows of Postfix Admin's table `fetchmail` */
#ifndef POSTREEVE_STORE_FETCHMAIL_H
#define POSTREEVE_STORE_FETCHMAIL_H

#include "model/fetchmail.h"
#include "store/listing.h"

MUST_USE enum outcome store_fetchmail_find(struct task *t, int64_t id, struct fetchmail *out);
MUST_USE enum outcome store_fetchmail_lock(struct task *t, int64_t id, struct fetchmail *out);
/* `id` is the new row's, which has no password yet: it is sealed with that number (store_fetchmail_update). */
MUST_USE enum outcome store_fetchmail_insert(struct task *t, const struct fetchmail *f, int64_t *id);
MUST_USE enum outcome store_fetchmail_update(struct task *t, const struct fetchmail *f);
MUST_USE enum outcome store_fetchmail_delete(struct task *t, int64_t id);

/* Jobs whose time has come, or all that are active, of mailboxes and domains that are; with stored_password. The
 * longest overdue first. */
MUST_USE enum outcome store_fetchmail_due(struct task *t, bool all, struct rows *out);
/* Notes that it runs now; MISSING when it is not due any more: somebody else was faster. */
MUST_USE enum outcome store_fetchmail_claim(struct task *t, int64_t id);
MUST_USE enum outcome store_fetchmail_note(struct task *t, int64_t id, struct text result);

#endif
