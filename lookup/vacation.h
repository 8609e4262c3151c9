/* lookup/vacation.h - a letter to somebody who is away, and the one answer that its sender gets
 *
 * WHAT    What postreeve-vacation does with each letter that Postfix' pipe(8) hands it: whether it is to be answered, and the
 *         answer, given to the server of [letters]. The letter itself is in the mailbox already, by another destination of
 *         the same alias; nothing here can lose or bounce it.
 * NOT     RFC 3834, 2 and RFC 5230, 4.6: no answer to a letter without a sender, from a robot, from the mailbox itself or an
 *         alias of it, to a list, marked as spam or as an answer; nor to one that names neither the mailbox nor an
 *         address that leads to it.
 * ONCE    An answer is claimed in its row before it begins, marked as handed over before its text goes, and as answered
 *         after (store/vacation.h). So a crash
 *           before the claim, or between it and the text: the letter comes again, and is answered then;
 *           while the text goes over: the server may have it or not. That letter is never answered again; its sender's
 *           next letter is when the interval has passed, or a day where the interval is for good.
 *         Whoever answers the same sender meanwhile, on whichever node, finds the row.
 * ENDS    DONE: answered, or never to be. RETRY: not now; come again. `words` say what was done, and why.
 *         Postfix gives a letter that waits back to its sender after five days. Before that, this gives up: the sender
 *         would be told that a letter did not arrive that did.
 */
#ifndef POSTREEVE_LOOKUP_VACATION_H
#define POSTREEVE_LOOKUP_VACATION_H

#include "config/config.h"

#define VACATION_PATIENCE_SECONDS (4 * 86400) /* less than maximal_queue_lifetime by more than maximal_backoff_time */

struct vacation_letter {
    struct text sender;    /* of the envelope, local part in quotes where it needs them; empty: <> */
    struct text recipient; /* user#domain@vacation.domain, likewise */
    struct text head;      /* up to the body */
    bool cut;              /* the head is longer than anybody's, and not all here */
};

/* `c` is NULL when there is none to be had: then the answer waits, as for anything that may be mended. */
MUST_USE enum outcome vacation_answer(struct task *t, const struct config *c, const struct vacation_letter *given,
                                      struct text *words);

#endif
