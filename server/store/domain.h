/* server/store/domain.h - rows of `domain` and `alias_domain`
 *
 * Sizes come in and go out in octets; the unit columns and the exact ones beside them (sql/migrations/0002) are this
 * file's own affair.
 */
#ifndef POSTREEVE_STORE_DOMAIN_H
#define POSTREEVE_STORE_DOMAIN_H

#include "model/mailbox.h"
#include "store/listing.h"

MUST_USE enum outcome store_domain_find(struct task *t, struct text name, struct domain *out); /* counts all that is in it */
/* Whose mail we take: domain, active and backup_mx alone, without a count. */
MUST_USE enum outcome store_domain_served(struct task *t, struct text name, struct domain *out);
MUST_USE enum outcome store_domain_exists(struct task *t, struct text name); /* DONE or MISSING */
/* Locks the row until the transaction ends; counts are not read. */
MUST_USE enum outcome store_domain_lock(struct task *t, struct text name, struct domain *out);
MUST_USE enum outcome store_domain_insert(struct task *t, const struct domain *d); /* CONFLICT: taken */
MUST_USE enum outcome store_domain_update(struct task *t, const struct domain *d);
/* Passwords of its mailboxes that would be too old at once are good for all its days from now on. */
MUST_USE enum outcome store_domain_begin_expiry(struct task *t, const struct domain *d);
/* The row and all that is in the domain: mailboxes with what is theirs, aliases, delegations. The log stays. */
MUST_USE enum outcome store_domain_delete(struct task *t, struct text name);
/* The same lock, for an address in it: limits, days that a password is good, and the time, in out->home, ->now and ->stamp. */
MUST_USE enum outcome store_domain_home(struct task *t, struct text name, struct room_left *out);
/* Counts, in the domain `left->home`, what it limits of that kind (0 for what it does not), without what address `but` has. */
enum room_for { ROOM_FOR_MAILBOX, ROOM_FOR_ALIAS };
MUST_USE enum outcome store_domain_room(struct task *t, struct text but, enum room_for what, struct room_left *left);

MUST_USE enum outcome store_alias_domain_find(struct task *t, struct text name, struct alias_domain *out);
MUST_USE enum outcome store_alias_domain_lock(struct task *t, struct text name, struct alias_domain *out);
MUST_USE enum outcome store_alias_domain_insert(struct task *t, const struct alias_domain *a);
MUST_USE enum outcome store_alias_domain_update(struct task *t, const struct alias_domain *a);
MUST_USE enum outcome store_alias_domain_delete(struct task *t, struct text name);
/* How many alias domains mean this one. */
MUST_USE enum outcome store_alias_domain_count_targets(struct task *t, struct text target, int64_t *out);

#endif
