/* server/store/log_in.h - who came in lately, and who tried
 *
 * Rows exist for accounts that exist, some LOG_INS_KEPT of each; what is older than LOG_IN_DAYS goes.
 */
#ifndef POSTREEVE_STORE_LOG_IN_H
#define POSTREEVE_STORE_LOG_IN_H

#include "model/own_account.h"
#include "store/statement.h"

#define LOG_INS_KEPT 50
#define LOG_IN_DAYS 90

MUST_USE enum outcome store_log_in_add(struct task *t, struct text account, struct text username, const struct log_in *l);
/* Of struct log_in, the newest first. */
MUST_USE enum outcome store_log_ins_of(struct task *t, struct text account, struct text username, struct rows *out);

#endif
