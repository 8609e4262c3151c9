/* server/outside/webhook.h - tells somebody's web server what happened
 *
 * WHAT    A POST of a JSON text, with three headers: X-Postreeve-Event, X-Postreeve-Delivery (the same when it is sent
 *         again) and X-Postreeve-Signature: sha256=HEX, the HMAC of the body. It goes straight to the server, by no
 *         proxy, follows no redirect, and over https only to one whose certificate is valid.
 * ENDS    DONE     the server answered 2xx.
 *         INVALID  with a problem on the task: the URL or a header's value cannot be sent; nothing went out.
 *                  Without one: any other answer (3xx, 4xx), which would be the same the next time.
 *         RETRY    no connection, no TLS, time-out, 5xx, 408, 425, 429.
 *         `status` is the answer's, 0 without one; `words` say what happened, in at most 512 octets.
 *         Of the answer's body 64 KiB are read at most.
 */
#ifndef POSTREEVE_OUTSIDE_WEBHOOK_H
#define POSTREEVE_OUTSIDE_WEBHOOK_H

#include "base/task.h"

struct webhook {
    struct text url;           /* http:// or https:// */
    struct text event;         /* "mailbox.create" */
    struct text delivery;      /* an id */
    struct text signature_hex; /* absent or empty: no header */
    struct text body;          /* JSON */
    struct text ca_file;       /* absent: the system's authorities */
    int64_t seconds;
};

struct webhook_end {
    int status;
    struct text words;
};

/* DONE, or INVALID with a problem on `field`; asks nobody. For those who store a URL. */
MUST_USE enum outcome webhook_url_check(struct task *t, const char *field, struct text url);
MUST_USE enum outcome webhook_post(struct task *t, const struct webhook *w, struct webhook_end *out);

#endif
