/* server/http/tls.h - certificate and key, as libmicrohttpd wants them: in memory */
#ifndef POSTREEVE_HTTP_TLS_H
#define POSTREEVE_HTTP_TLS_H

#include "config/config.h"

struct tls {
    struct text certificate, key; /* PEM; both absent: no TLS */
};

#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" /* RFC 8996: nothing older */

/* INVALID after a line in the log: not there, not PEM, or a key that others can read. */
MUST_USE enum outcome tls_load(struct task *t, const struct server_settings *s, struct tls *out);

#endif
