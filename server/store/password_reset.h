/* server/store/password_reset.h - tokens for a new password, sent to who forgot theirs; only their digests are stored */
#ifndef POSTREEVE_STORE_PASSWORD_RESET_H
#define POSTREEVE_STORE_PASSWORD_RESET_H

#include "base/task.h"

struct password_reset {
    struct text digest, username, account;
    int64_t minutes; /* how long one is good for */
};
MUST_USE enum outcome store_reset_insert(struct task *t, const struct password_reset *r);
/* MISSING when there is none, or it is too old. Locked: it is used once. */
MUST_USE enum outcome store_reset_lock(struct task *t, const struct password_reset *by, struct password_reset *out);
/* All of an account. */
MUST_USE enum outcome store_reset_delete_of(struct task *t, const struct password_reset *of);
MUST_USE enum outcome store_reset_sweep(struct task *t, int64_t minutes, int64_t *gone);

#endif
