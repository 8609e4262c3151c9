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

/* ---- for the program that answers (lookup/vacation.h) ---- */

struct vacation_notice {
    struct text address; /* whose */
    struct text subject, body, display_name;
};
/* MISSING: there is none, it is not its time, or mailbox or domain are switched off. */
MUST_USE enum outcome store_vacation_notice(struct task *t, struct text address, struct vacation_notice *out);

/* An answer to one sender, and how far it came. What stands in its row decides who may answer, whichever program asks
 * first, on whichever node:
 *   CLAIMED   a letter is about to be answered. It may be begun again for that letter; for another when a day has passed
 *             (the letter is lost), or the interval.
 *   HANDED    the answer's text is going over, or went: nobody can tell whether it arrived. Not begun again for that
 *             letter; for another when the interval has passed, or a day where the interval is for good.
 *   ANSWERED  not begun again before the interval has passed.
 * In every stage a notice whose time began later is another one, and an interval of one second is none. */
enum answer_stage { ANSWER_CLAIMED, ANSWER_HANDED, ANSWER_ANSWERED };
struct vacation_answer {
    struct text address, sender; /* canonical, bare */
    struct text letter;          /* what tells one letter from others, the same each time it comes; 64 digits */
    int64_t stage;
};
/* CONFLICT: that sender is to have none now. */
MUST_USE enum outcome store_vacation_claim(struct task *t, const struct vacation_answer *a);
/* MISSING: the claim is no longer ours. */
MUST_USE enum outcome store_vacation_stage(struct task *t, const struct vacation_answer *a, enum answer_stage stage);

#endif
