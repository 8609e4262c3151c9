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
    FIELD(struct domain, password_expiry_days, .max = EXPIRY_DAYS_MAX,
          .doc = "How many days a mailbox's password is good for; 0 is for ever."),
    FIELD(struct domain, default_aliases, .flags = CREATE_ONLY, .on = true,
          .doc = "Whether it begins with the aliases that the configuration says ([domain] default_aliases)."),
    FIELD(struct domain, mailbox_count, .flags = READ_ONLY, .doc = "How many mailboxes it has."),
    FIELD(struct domain, alias_count, .flags = READ_ONLY, .doc = "How many aliases it has, mailboxes' own not counted."),
    FIELD(struct domain, quota_given_bytes, .flags = READ_ONLY | BYTES, .doc = "Sum of its mailboxes' quotas."),
    FIELD(struct domain, usage_bytes, .flags = READ_ONLY | BYTES, .doc = "Storage its mailboxes use."),
    FIELD(struct domain, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct domain, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape domain_shape = SHAPE(struct domain, "Domain", domain_fields);

struct default_alias default_alias_split(struct text canonical)
{
    size_t colon = text_find(canonical, ':');

    return (struct default_alias){ text_part(canonical, 0, colon), text_part(canonical, colon + 1, canonical.length) };
}

struct text default_alias_target(struct task *t, const struct default_alias *d, struct text domain)
{
    struct address a = { d->target, domain };

    return text_find(d->target, '@') == TEXT_NOT_FOUND ? address_quoted(t, &a) : d->target;
}

/* A name alone is checked as the destination that it will be. */
static enum outcome target_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct address a = { given, TEXT("new.example") };
    struct text whole = given;
    enum outcome o;

    if (text_find(given, '@') != TEXT_NOT_FOUND)
        return destination_canon(t, field, given, out);
    o = local_part_canon(t, field, given, &a.local_part);
    if (o == DONE)
        o = destination_canon(t, field, address_quoted(t, &a), &whole);
    *out = a.local_part;
    return o;
}

enum outcome default_alias_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    size_t colon = text_find(given, ':');
    struct default_alias d = default_alias_split(given);
    enum outcome o;

    if (colon == TEXT_NOT_FOUND || colon == 0 || d.target.length == 0)
        return task_problem(t, field, &problem_malformed);
    o = local_part_canon(t, field, d.local_part, &d.local_part);
    if (o == DONE)
        o = target_canon(t, field, d.target, &d.target);
    if (o == DONE && text_equal(d.local_part, d.target))
        return task_problem(t, field, &problem_self_destination);
    *out = task_join(t, task_join(t, d.local_part, TEXT(":")), d.target);
    return o;
}

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
