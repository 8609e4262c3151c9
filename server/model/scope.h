/* server/model/scope.h - what an API token may be used for
 *
 * WHAT    A scope is "*" (every verb), "read" (every verb that only lists or shows), "mailbox.*" (every verb of a noun),
 *         "mailbox.read" (those of a noun that only list or show), or a verb's own name, "mailbox.create". A token has a list of
 *         them, and one of these has to cover the verb; an empty list covers nothing. Scopes only take away: what the
 *         token's owner may not do, no scope allows (permit.h).
 * WIDER   No token makes a wider one: scopes_within() compares what scopes say, not what they cover
 *         today, because "mailbox.*" also covers the verb that the next release brings.
 * OWNS    Nothing.
 */
#ifndef POSTREEVE_MODEL_SCOPE_H
#define POSTREEVE_MODEL_SCOPE_H

#include "base/task.h"

#define SCOPE_MAX 64 /* octets */

struct scoped_verb {
    const char *name; /* "mailbox.create" */
    bool only_reads;  /* lists or shows */
};

/* For fields (a canon_fn): small letters, well formed; INVALID with bad_scope. Whether it covers any verb is asked below. */
MUST_USE enum outcome scope_canon(struct task *t, const char *field, struct text given, struct text *out);

/* All of these take scopes in canonical form; another covers nothing. */
bool scope_covers(struct text scope, struct text verb, bool only_reads);
bool scopes_cover(const struct texts *scopes, struct text verb, bool only_reads);
bool scope_covers_any(struct text scope, const struct scoped_verb *verbs, size_t count);
/* Whether each of `inner` is part of one of `outer`, for the verbs there are and for those to come. */
bool scopes_within(const struct texts *inner, const struct texts *outer, const struct scoped_verb *verbs, size_t count);

#endif
