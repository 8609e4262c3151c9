/* server/model/vacation.h - what a mailbox answers while its owner is away
 *
 * WHAT    Postfix Admin's vacation: a row with the text, and the destination user#domain@VACATION-DOMAIN in the mailbox's
 *         goto list (model/mailbox.h) by which its letters reach the program that answers. On is both; whether the day of
 *         `from` has come, and that of `until` has not, is for that program to see.
 */
#ifndef POSTREEVE_MODEL_VACATION_H
#define POSTREEVE_MODEL_VACATION_H

#include "model/mailbox.h"

#define VACATION_BODY_MAX 10000        /* code points; a foreign table's column holds 65,535 octets */
#define VACATION_INTERVAL_DEFAULT 86400
#define VACATION_INTERVAL_MAX 31536000 /* a year */

struct vacation {
    bool active;
    struct text subject, body;
    struct moment from, until;
    int64_t interval_seconds;
    /* not for the edges */
    struct text address, domain;
};
extern const struct shape vacation_shape;

MUST_USE enum outcome vacation_admit(struct task *t, const struct vacation *v, struct text vacation_domain);

#endif
