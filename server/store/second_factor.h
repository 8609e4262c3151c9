/* server/store/second_factor.h - an account's second factor: its seed in the account's own row, the last step that was
 * used, the seed that is offered, and sums of recovery codes
 *
 * `account` is "admin" or "mailbox".
 */
#ifndef POSTREEVE_STORE_SECOND_FACTOR_H
#define POSTREEVE_STORE_SECOND_FACTOR_H

#include "store/statement.h"

struct factor_row {
    struct text account, username;
    int64_t last_step;
    struct text offered; /* absent: none, or too long ago */
    int64_t recovery_codes;
};
/* How long an offered seed waits for its first code. */
#define OFFER_SECONDS 900

/* Makes the row where there is none, and locks it. */
MUST_USE enum outcome store_factor_lock(struct task *t, const struct factor_row *of, struct factor_row *out);
/* As it is now; never MISSING. */
MUST_USE enum outcome store_factor_find(struct task *t, const struct factor_row *of, struct factor_row *out);
/* Notes that a code of that step was used; `won` unless one of it, or of a later one, was used before. */
MUST_USE enum outcome store_factor_use(struct task *t, const struct factor_row *of, int64_t step, bool *won);
/* Whatever was used of a former seed says nothing about this one. */
MUST_USE enum outcome store_factor_offer(struct task *t, const struct factor_row *of, struct text sealed);
/* Into the account's own row, or with an absent text out of it; no offer is left. `modified` stays: nothing that can be
 * edited has changed. */
MUST_USE enum outcome store_factor_set(struct task *t, const struct factor_row *of, struct text sealed);

MUST_USE enum outcome store_recovery_code_insert(struct task *t, const struct factor_row *of, struct text digest);
/* It is gone then; `won` if it was there. */
MUST_USE enum outcome store_recovery_code_use(struct task *t, const struct factor_row *of, struct text digest, bool *won);
MUST_USE enum outcome store_recovery_codes_delete(struct task *t, const struct factor_row *of);
/* All that postreeve keeps beside the account's own row, when that is deleted: this, its log-ins, what was sent to reset
 * its password. Sessions are account.h's. */
MUST_USE enum outcome store_account_forget(struct task *t, const char *account, struct text username);

#endif
