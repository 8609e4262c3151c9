/* server/http/target.h - the request target: path and query, as they were sent and as they are meant
 *
 * WHAT    Splits a target (RFC 9112, 3.2) and undoes its percent-encoding. A path is decoded segment by
 *         segment, after it was split, so that "%2F" in an address never becomes a separator.
 * WHY     libmicrohttpd decodes before it splits and cuts at a NUL; an address with a slash, or one that was
 *         cut, would name another one. So the target is taken as it came.
 * REFUSED What decodes to a control character or is no UTF-8, an escape that is none, more arguments than
 *         ARGUMENTS_MAX.
 */
#ifndef POSTREEVE_HTTP_TARGET_H
#define POSTREEVE_HTTP_TARGET_H

#include "api/call.h"
#include "http/refusal.h"

#define ARGUMENTS_MAX 32

struct target {
    struct text path, query; /* as sent; query absent without a '?' */
};

struct target target_split(struct text as_sent);
/* `field` names the text in the refusal. */
struct refusal target_decode(struct task *t, const char *field, struct text given, struct text *out);
struct refusal target_arguments(struct task *t, struct text query, const struct name_value **out,
                                size_t *count);

#endif
