/* server/store/vacation.h - rows of `vacation`
 *
 * Postfix Admin's columns hold no NULL: at once is the year 2000 there, and no end the day before a 32-bit clock ends.
 */
#ifndef POSTREEVE_STORE_VACATION_H
#define POSTREEVE_STORE_VACATION_H

#include "model/vacation.h"

/* MISSING: nothing was ever written. `active` is the row's alone. */
MUST_USE enum outcome store_vacation_find(struct task *t, struct text address, struct vacation *out);
MUST_USE enum outcome store_vacation_save(struct task *t, const struct vacation *v);
/* Whoever has had an answer may have another. */
MUST_USE enum outcome store_vacation_forget_senders(struct task *t, struct text address);

#endif
