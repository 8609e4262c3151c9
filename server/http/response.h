/* server/http/response.h - an answer as HTTP sends it: status, header fields, body
 *
 * WHAT    Every answer starts with response_start(), which puts the security headers there; a page of ours
 *         adds its nonce.
 * OWNS    Everything lives as long as the task.
 */
#ifndef POSTREEVE_HTTP_RESPONSE_H
#define POSTREEVE_HTTP_RESPONSE_H

#include "api/call.h"

#define RESPONSE_HEADERS_MAX 24

struct header {
    const char *name;
    struct text value;
};

struct response {
    unsigned status;
    struct text body;
    struct header headers[RESPONSE_HEADERS_MAX];
    size_t header_count;
};

/* `secure`: the client speaks TLS, with us or with a trusted proxy. `nonce` absent: no inline style at
 * all. */
void response_start(struct task *t, struct response *r, unsigned status, bool secure, struct text nonce);
void response_header(struct response *r, const char *name, struct text value); /* absent: none */
void response_body(struct response *r, struct text type, struct text body);
/* The answer of the API; its Cache-Control is no-store. */
void response_of_reply(struct task *t, struct response *r, const struct reply *reply, bool secure);

#endif
