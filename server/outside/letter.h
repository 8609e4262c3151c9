/* server/outside/letter.h - a letter: its text, and its way to one recipient by SMTP
 *
 * WHAT    letter_compose() writes the message (RFC 5322, 2045, 2047): UTF-8 in subject, names and body, or ISO-2022-JP for
 *         who wrote in it; a Message-ID of our own and "Auto-Submitted: auto-generated" (or "auto-replied"), so that no
 *         vacation program answers. letter_send() sends one; a letter_line keeps its connection for many.
 * OWNS    The line copies its route. Everything else lives as long as the task.
 * ENDS    DONE     the server took the letter over; `words` is its answer ("250 2.0.0 Ok: queued as 4F1").
 *         INVALID  with a problem on the task: a field of the letter or route cannot be sent as it is (an end of line in
 *                  a header, an address that is not ASCII); nothing went out.
 *                  Without one: the server refused this letter for good, and `words` say why.
 *         RETRY    everything that may pass: no connection, TLS or log-in refused, 4xx, time-out. `words` say why.
 *         `words` are at most 512 octets and hold no password.
 */
#ifndef POSTREEVE_OUTSIDE_LETTER_H
#define POSTREEVE_OUTSIDE_LETTER_H

#include "base/task.h"

enum letter_tls {
    LETTER_TLS_NONE,
    LETTER_TLS_STARTTLS, /* or no letter: never in clear text because a server (or someone before it) hid STARTTLS */
    LETTER_TLS_WRAPPED   /* from the first octet, port 465 */
};

struct letter_route {
    struct text host;           /* a name in ASCII or an address, without brackets */
    int64_t port;
    enum letter_tls tls;        /* with a certificate that is valid for `host`, */
    bool any_certificate;       /* or with whichever there is */
    struct text user, password; /* no log-in when `user` is absent or empty */
    struct text helo;           /* absent: the machine's own name */
    struct text ca_file;        /* absent: the system's authorities */
    int64_t seconds;            /* for the whole letter, the connection included */
};

enum letter_charset {
    LETTER_UTF_8,
    LETTER_ISO_2022_JP /* RFC 1468, as far as every word of the letter can be written in it; else UTF-8 */
};

/* When the text itself goes over: the server has taken sender and recipient by then, and may have the letter from then on
 * although its answer never reaches us. For who must know whether it can be sent again. */
struct letter_handover {
    bool (*begin)(void *context); /* before the first octet of the text; false: it stays here, for now (RETRY) */
    void *context;
    bool in_doubt;                /* out, with RETRY: all of the text was given, and no answer came */
};

struct letter {
    struct text envelope_from;  /* where refusals go; empty or absent: nowhere (<>) */
    struct text from, from_name;
    struct text to, to_name;    /* names: absent or empty for none; a local part may be in quotes */
    struct text subject;
    struct text body;           /* plain text; any kind of line end */
    struct text language;       /* "ja"; absent: not said */
    struct text message_id;     /* "unique@domain"; absent: made here. Give one that is sent again its former. */
    int64_t unix_seconds;       /* its date */
    enum letter_charset charset;
    bool reply;                 /* the answer to a letter that nobody wrote; it asks for none to itself (RFC 3834) */
    struct text in_reply_to;    /* that one's "unique@domain"; absent: it had none */
    struct texts references;    /* the same of it and those before it, oldest first */
    struct letter_handover *handover; /* NULL: nobody needs to know */
};

MUST_USE enum outcome letter_compose(struct task *t, const struct letter *l, struct text *out);
MUST_USE enum outcome letter_send(struct task *t, const struct letter_route *r, const struct letter *l,
                                  struct text *words);

struct letter_line; /* one thread at a time */
MUST_USE enum outcome letter_line_open(struct task *t, const struct letter_route *r, struct letter_line **out);
MUST_USE enum outcome letter_line_send(struct letter_line *line, struct task *t, const struct letter *l,
                                       struct text *words);
void letter_line_close(struct letter_line *line); /* says QUIT; NULL is fine */

#endif
