/* server/store/turn.h - changes that must not pass each other take turns, on a cluster too
 *
 * WHAT    In a Galera cluster a lock on a row holds on one node alone, and only rows that are written meet. Two nodes could
 *         each count the mailboxes of a domain and add the last one, or one delete the domain under the other's new mailbox.
 *         So who needs such a lock writes the row of its name here, in the same transaction: of two that did so at the same
 *         time one commits, and the other is a deadlock, to be run again.
 * WHERE   On a single server nothing is written: there FOR UPDATE says it all.
 */
#ifndef POSTREEVE_STORE_TURN_H
#define POSTREEVE_STORE_TURN_H

#include "base/task.h"

#define TURN_SUPER_ADMINS TEXT("*super admins") /* no domain's name */

MUST_USE enum outcome turn_take(struct task *t, struct text name);

#endif
