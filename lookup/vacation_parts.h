/* lookup/vacation_parts.h - what vacation.c, which decides, and vacation_reply.c, which writes and sends, share */
#ifndef POSTREEVE_LOOKUP_VACATION_PARTS_H
#define POSTREEVE_LOOKUP_VACATION_PARTS_H

#include "lookup/incoming.h"
#include "lookup/vacation.h"
#include "store/vacation.h"

struct letter_in_hand {
    struct task *t;
    const struct config *config;
    const struct vacation_letter *given;
    struct incoming head;
    struct text sender;            /* canonical, bare */
    struct text target;            /* user#domain@vacation.domain, bare */
    struct text maildir;           /* of the mailbox */
    struct vacation_notice notice; /* its address is the mailbox */
    int questions;                 /* that were asked for it */
};

/* Claims the answer, sends it, and notes what became of it. DONE, CONFLICT (that sender is to have none now) or RETRY, and
 * `words` say which. */
MUST_USE enum outcome vacation_reply(struct letter_in_hand *l, struct text *words);

#endif
