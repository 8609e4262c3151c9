/* server/store/log_in.h - who came in lately, and who tried
 *
 * Rows exist for accounts that exist: of each the last LOG_INS_KEPT that came in, and as many that were refused, so that who
 * guesses passwords does not push out of the list who found one. What is older than LOG_IN_DAYS goes.
 */
#ifndef POSTREEVE_STORE_LOG_IN_H
#define POSTREEVE_STORE_LOG_IN_H

#include "model/own_account.h"
#include "store/statement.h"

#define LOG_INS_KEPT 50
#define LOG_IN_DAYS 90

MUST_USE enum outcome store_log_in_add(struct task *t, struct text account, struct text username, const struct log_in *l);
struct log_in_bounds { /* what is news of log-ins at mail daemons, where programs ask every minute */
    int64_t seconds;     /* the same from the same place is none within these */
    int64_t refused_max; /* nor are more refusals than these within them */
};
/* DONE: there is such a mailbox, and it is news; else MISSING. */
MUST_USE enum outcome store_log_in_is_news(struct task *t, struct text address, const struct log_in *l,
                                           const struct log_in_bounds *bounds);
/* Of struct log_in, the newest first. */
MUST_USE enum outcome store_log_ins_of(struct task *t, struct text account, struct text username, struct rows *out);

#endif
