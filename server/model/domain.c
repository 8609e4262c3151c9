/* server/model/domain.c */
#include "model/domain.h"

#include "model/address.h"
#include "model/problem.h"

#include <string.h>

/* transport(5): "transport", "transport:" or "transport:nexthop", ":nexthop". It goes into generated files and into
 * Postfix's answers, so it holds nothing but what such a name can. */
enum outcome transport_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:[]/";

    for (size_t i = 0; i < given.length; i++)
        if (!given.at[i] || !strchr(fit, given.at[i]))
            return task_problem(t, field, &problem_bad_transport);
    *out = given.length ? given : TEXT(DOMAIN_TRANSPORT);
    return DONE;
}

static const struct field domain_fields[] = {
    FIELD(struct domain, domain, .flags = KEY | REQUIRED | NO_BLANK, .max = 253, .canon = domain_canon,
          .shown = domain_shown, .doc = "The domain's name, as people write it or in A-labels."),
    FIELD(struct domain, description, .max = 255, .doc = "For people only."),
    FIELD(struct domain, active, .on = true, .doc = "Off: mail for the domain is refused and nobody in it logs in."),
    FIELD(struct domain, mailbox_limit, .max = LIMIT_MAX, .doc = "How many mailboxes it may have; null is no limit."),
    FIELD(struct domain, alias_limit, .max = LIMIT_MAX, .doc = "How many aliases it may have; null is no limit."),
    FIELD(struct domain, mailbox_quota_max_bytes, .max = QUOTA_BYTES_MAX, .flags = BYTES, .option = "mailbox-quota-max",
          .doc = "The largest quota of one mailbox; null is no limit."),
    FIELD(struct domain, quota_bytes, .max = QUOTA_BYTES_MAX, .flags = BYTES, .option = "quota",
          .doc = "The largest sum of all its mailboxes' quotas; null is no limit."),
    FIELD(struct domain, transport, .max = 255, .canon = transport_canon,
          .doc = "Postfix transport for its mail, as in transport(5); virtual is this server's own delivery."),
    FIELD(struct domain, backup_mx, .doc = "This server only holds mail for it and passes it on."),
    FIELD(struct domain, mailbox_count, .flags = READ_ONLY, .doc = "How many mailboxes it has."),
    FIELD(struct domain, alias_count, .flags = READ_ONLY, .doc = "How many aliases it has, mailboxes' own not counted."),
    FIELD(struct domain, quota_given_bytes, .flags = READ_ONLY | BYTES, .doc = "Sum of its mailboxes' quotas."),
    FIELD(struct domain, usage_bytes, .flags = READ_ONLY | BYTES, .doc = "Storage its mailboxes use."),
    FIELD(struct domain, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct domain, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape domain_shape = SHAPE(struct domain, "Domain", domain_fields);

static const struct field alias_domain_fields[] = {
    FIELD(struct alias_domain, alias_domain, .flags = KEY | REQUIRED | NO_BLANK, .max = 253, .canon = domain_canon,
          .shown = domain_shown, .doc = "The domain that means another."),
    FIELD(struct alias_domain, target_domain, .flags = REQUIRED | NO_BLANK, .max = 253, .canon = domain_canon,
          .shown = domain_shown, .option = "target", .doc = "The domain it means, address by address."),
    FIELD(struct alias_domain, description, .max = 255, .doc = "For people only."),
    FIELD(struct alias_domain, active, .on = true, .doc = "Off: its addresses are not answered."),
    FIELD(struct alias_domain, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct alias_domain, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape alias_domain_shape = SHAPE(struct alias_domain, "AliasDomain", alias_domain_fields);
