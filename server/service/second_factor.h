/* server/service/second_factor.h - the code besides the password */
#ifndef POSTREEVE_SERVICE_SECOND_FACTOR_H
#define POSTREEVE_SERVICE_SECOND_FACTOR_H

#include "service/verb.h"
#include "store/account.h"

bool factor_is_set(const struct login *who);
/* Within a transaction: takes a code of the account's second factor, or a recovery code, which counts no more once the
 * transaction is committed; of two transactions with the same code one commits. INVALID with otp_required or otp_wrong on
 * `otp`. RETRY when the seed cannot be opened: a second factor that cannot be checked is never skipped. */
MUST_USE enum outcome factor_spend(struct work *w, const struct login *who, struct text otp);
/* A mailbox has got another address: its seed, which was sealed for the one of before, is sealed for that. RETRY as above. */
MUST_USE enum outcome factor_follow(struct work *w, struct text from, struct text to);

#endif
