/* server/http/head.h - the header fields of a request that mean something here
 *
 * WHAT    head_add() keeps the fields of its table and drops the rest; head_check() refuses what would let
 *         two readers understand one request in two ways: a field given twice that may stand but once, a
 *         length beside a transfer coding, octets that are no text.
 */
#ifndef POSTREEVE_HTTP_HEAD_H
#define POSTREEVE_HTTP_HEAD_H

#include "api/call.h"
#include "http/refusal.h"

enum head_field {
    HEAD_HOST,
    HEAD_CONTENT_LENGTH,
    HEAD_CONTENT_TYPE,
    HEAD_CONTENT_ENCODING,
    HEAD_TRANSFER_ENCODING,
    HEAD_EXPECT,
    HEAD_AUTHORIZATION,
    HEAD_COOKIE,
    HEAD_CSRF_TOKEN,
    HEAD_IDEMPOTENCY_KEY,
    HEAD_IF_MATCH,
    HEAD_IF_NONE_MATCH,
    HEAD_ACCEPT_ENCODING,
    HEAD_ACCEPT_LANGUAGE,
    HEAD_USER_AGENT,
    HEAD_FORWARDED,
    HEAD_FORWARDED_FOR,
    HEAD_FORWARDED_PROTO,
    HEAD_REAL_IP,
};
#define HEAD_FIELDS (HEAD_REAL_IP + 1)

struct head {
    struct text fields[HEAD_FIELDS]; /* absent: not given */
    const char *twice;               /* the first field that was given twice and may not */
};

void head_add(struct task *t, struct head *h, struct text name, struct text value);
bool head_is_secret(struct text name); /* whether what that field says lets somebody in */
struct refusal head_check(struct head *h);
int64_t head_length(const struct head *h); /* Content-Length; -1 when it does not say */
/* Whether a body of this type may come with this method. */
struct refusal head_check_media(const struct head *h, enum method method);
/* Whether the client has this version already (RFC 9110, 13.1.2: weak comparison). */
bool head_has_version(const struct head *h, struct text etag);

#endif
