/* server/store/sender_login.h - rows of postreeve_sender_login */
#ifndef POSTREEVE_STORE_SENDER_LOGIN_H
#define POSTREEVE_STORE_SENDER_LOGIN_H

#include "model/sender_login.h"
#include "store/listing.h"

MUST_USE enum outcome store_sender_login_find(struct task *t, int64_t id, struct sender_login *out);
MUST_USE enum outcome store_sender_login_lock(struct task *t, int64_t id, struct sender_login *out);
/* CONFLICT: the pair is there. `id` is the new row's. */
MUST_USE enum outcome store_sender_login_insert(struct task *t, const struct sender_login *s, int64_t *id);
MUST_USE enum outcome store_sender_login_update(struct task *t, const struct sender_login *s); /* CONFLICT as above */
MUST_USE enum outcome store_sender_login_delete(struct task *t, int64_t id);
/* How many log-ins that sender has. */
MUST_USE enum outcome store_sender_login_count(struct task *t, struct text sender, int64_t *out);
/* Whether the pair that an image (store/image.h) holds is there. */
MUST_USE enum outcome store_sender_login_pair_taken(struct task *t, int64_t image, bool *out);
/* Whether an address of that domain is a super admin's name. */
MUST_USE enum outcome store_domain_has_super_admin(struct task *t, struct text domain, bool *out);

#endif
