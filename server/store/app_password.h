/* server/store/app_password.h - rows of mailbox_app_password: passwords of programs
 */
#ifndef POSTREEVE_STORE_APP_PASSWORD_H
#define POSTREEVE_STORE_APP_PASSWORD_H

#include "model/own_account.h"
#include "store/listing.h"

MUST_USE enum outcome store_app_password_find(struct task *t, int64_t id, struct app_password *out);
MUST_USE enum outcome store_app_password_lock(struct task *t, int64_t id, struct app_password *out);
/* All of a mailbox, the oldest first. */
MUST_USE enum outcome store_app_passwords_of(struct task *t, struct text address, struct rows *out);
/* CONFLICT: the mailbox has one of that selector. `id` is the new row's. */
MUST_USE enum outcome store_app_password_insert(struct task *t, struct app_password *a);
/* Nothing where that mailbox has none of that number. */
MUST_USE enum outcome store_app_password_used(struct task *t, int64_t id, struct text address, struct text source);
MUST_USE enum outcome store_app_password_delete(struct task *t, int64_t id);

#endif
