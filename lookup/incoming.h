/* lookup/incoming.h - what the head of a letter says to who would answer it by itself
 *
 * WHAT    Buffer in, struct out: whether anybody should answer it (RFC 3834, 2; RFC 5230, 4.6), whom it names as its
 *         recipients, and what an answer repeats of it.
 * WHY     A stranger wrote every octet of it. Folding, encoded words, addresses, dates and character sets are read by GMime,
 *         whose business that is.
 * OWNS    Nothing; texts live as long as the task. What is not UTF-8, or a control character, is '?' or a blank in them.
 * WHERE   The only file with <gmime/gmime.h>.
 */
#ifndef POSTREEVE_LOOKUP_INCOMING_H
#define POSTREEVE_LOOKUP_INCOMING_H

#include "base/shape.h"

#define INCOMING_HEAD_MAX ((size_t)1 << 20)  /* octets; Postfix takes no header larger than a tenth of it */
#define INCOMING_RECIPIENTS_MAX 1000
#define INCOMING_REFERENCES_MAX 20           /* the last ones; each at most INCOMING_ID_MAX octets */
#define INCOMING_ID_MAX 250
#define INCOMING_SUBJECT_MAX 600             /* octets */

struct incoming {
    struct text unanswerable;  /* absent, or the header that says so: "Auto-Submitted: auto-replied" */
    struct texts recipients;   /* of To, Cc, Bcc and Resent-...: canonical, bare (model/address.h) */
    struct texts authors;      /* of From, likewise */
    struct text subject;       /* one line; may be empty */
    struct text message_id;    /* without its brackets; absent: it has none that can be repeated */
    struct texts references;   /* of the letters before it, oldest first */
    bool iso_2022_jp;          /* it is written in that, or its subject is */
    struct moment received;    /* by the server nearest to us */
    struct text digest;        /* 64 digits that no other letter has, nor the same letter when it is sent once more */
};

/* Once per process, and when it ends. */
void incoming_start(void);
void incoming_stop(void);

/* `head` ends where the body begins, or is all there was. Never fails: what cannot be read is not there. */
void incoming_read(struct task *t, struct text head, struct incoming *out);

#endif
