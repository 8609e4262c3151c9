/* server/model/domain.h - a mail domain and what it may hold
 *
 * WHAT    A row of `domain`. In the database 0 says "no limit" and -1 "none allowed" (Postfix Admin's way); here and in
 *         the API no limit is absence (null) and none is 0. Sizes are octets here, units of the quota multiplier there.
 */
#ifndef POSTREEVE_MODEL_DOMAIN_H
#define POSTREEVE_MODEL_DOMAIN_H

#include "base/shape.h"

#define LIMIT_MAX 1000000000               /* mailboxes or aliases of one domain; fits the column, int(10) */
#define QUOTA_BYTES_MAX (INT64_C(1) << 53) /* what a JSON number holds exactly: 8 PiB */
#define EXPIRY_DAYS_MAX 3650
#define DOMAIN_TRANSPORT "virtual"         /* where mail of a domain goes unless it says otherwise */

struct domain {
    struct text domain, description;
    bool active;
    struct limit mailbox_limit, alias_limit, mailbox_quota_max_bytes, quota_bytes;
    struct text transport;
    bool backup_mx, default_aliases;
    int64_t password_expiry_days;
    int64_t mailbox_count, alias_count, quota_given_bytes, usage_bytes;
    struct moment created, modified;
};
extern const struct shape domain_shape;
/* canon_fn: a transport and next hop as transport(5) writes them; empty is DOMAIN_TRANSPORT. */
MUST_USE enum outcome transport_canon(struct task *t, const char *field, struct text given, struct text *out);

/* An alias that every new domain gets, as the configuration has it: "postmaster:admin@example.jp"; a target without a domain
 * is in the new one. */
struct default_alias {
    struct text local_part, target;
};
MUST_USE enum outcome default_alias_canon(struct task *t, const char *field, struct text given, struct text *out);
struct default_alias default_alias_split(struct text canonical);
struct text default_alias_target(struct task *t, const struct default_alias *d, struct text domain);

struct alias_domain {
    struct text alias_domain, target_domain, description;
    bool active;
    struct moment created, modified;
};
extern const struct shape alias_domain_shape;

#endif
