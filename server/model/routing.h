/* server/model/routing.h - where mail goes on to, and from whom it is taken: transports and sender access
 *
 * WHAT    Rows of ours beside Postfix Admin's tables, for what the guides have people type into files: transport(5) by
 *         destination, access(5) by sender.
 * KEYS    The patterns are those that Postfix asks for, in the form in which it asks. What it would never ask
 *         for is refused, so that no row stands there without effect.
 * SOURCE  transport(5), access(5) of Postfix 3.7.
 */
#ifndef POSTREEVE_MODEL_ROUTING_H
#define POSTREEVE_MODEL_ROUTING_H

#include "base/shape.h"

struct transport {
    struct text destination; /* an address, a domain, ".domain" or "*" */
    struct text transport, description;
    bool active;
    struct moment created, modified;
};
extern const struct shape transport_shape;

struct sender_access {
    struct text sender; /* an address, a domain or "local-part@" */
    struct text action, reply, description;
    bool active;
    struct moment created, modified;
};
extern const struct shape sender_access_shape;

/* canon_fn and `shown`: what Postfix looks a recipient up by, and what it looks a sender up by. */
MUST_USE enum outcome destination_pattern_canon(struct task *t, const char *field, struct text given, struct text *out);
MUST_USE enum outcome sender_pattern_canon(struct task *t, const char *field, struct text given, struct text *out);
/* Another server: a name, or an address of either kind; brackets around it are taken off. */
MUST_USE enum outcome host_canon(struct task *t, const char *field, struct text given, struct text *out);
MUST_USE enum outcome pattern_shown(struct task *t, const char *field, struct text canonical, struct text *out);

#endif
