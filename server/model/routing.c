/* server/model/routing.c */
#include "model/routing.h"

#include "model/address.h"
#include "model/domain.h"
#include "model/network.h"
#include "model/problem.h"

static bool has_at(struct text given)
{
    return text_find(given, '@') != TEXT_NOT_FOUND;
}

enum outcome destination_pattern_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct text domain = given;
    enum outcome o;

    if (text_equal(given, TEXT("*"))) {
        *out = given;
        return DONE;
    }
    if (has_at(given))
        return address_canon(t, field, given, out);
    if (!text_starts(given, TEXT(".")))
        return domain_canon(t, field, given, out);
    if (given.length == 1)
        return task_problem(t, field, &problem_bad_domain);
    o = domain_canon(t, field, text_part(given, 1, given.length), &domain);
    if (o == DONE)
        *out = task_join(t, TEXT("."), domain);
    return o;
}

enum outcome sender_pattern_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct text local_part = text_part(given, 0, given.length ? given.length - 1 : 0);
    enum outcome o;

    if (!has_at(given))
        return domain_canon(t, field, given, out);
    if (local_part.length == 0 || !text_ends(given, TEXT("@")))
        return address_canon(t, field, given, out);
    o = local_part_canon(t, field, local_part, &local_part);
    if (o == DONE)
        *out = task_join(t, local_part, TEXT("@"));
    return o;
}

enum outcome host_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct text host = given;
    struct in6_addr ip;

    if (text_starts(given, TEXT("[")) && text_ends(given, TEXT("]")))
        host = text_part(given, 1, given.length - 2);
    if (text_equal_folded(text_part(host, 0, 5), TEXT("ipv6:")))
        host = text_part(host, 5, host.length);
    if (!ip_parse(host, &ip))
        return host.length ? domain_canon(t, field, host, out) : task_problem(t, field, &problem_bad_domain);
    *out = ip_text(t, &ip);
    return DONE;
}

/* Of any of the patterns, "@domain" among them; "*" and "local-part@" are shown as they are. */
enum outcome pattern_shown(struct task *t, const char *field, struct text canonical, struct text *out)
{
    bool below = text_starts(canonical, TEXT("."));
    enum outcome o;

    *out = canonical;
    if (text_equal(canonical, TEXT("*")) || text_ends(canonical, TEXT("@")))
        return DONE;
    if (has_at(canonical))
        return address_shown(t, field, canonical, out);
    o = domain_shown(t, field, below ? text_part(canonical, 1, canonical.length) : canonical, out);
    if (below)
        *out = task_join(t, TEXT("."), *out);
    return o;
}

static const struct field transport_fields[] = {
    FIELD(struct transport, destination, .flags = KEY | REQUIRED | NO_BLANK, .max = 254,
          .canon = destination_pattern_canon, .shown = pattern_shown,
          .doc = "Whose mail it is: an address, a domain, .domain for what is below one, or * for all the rest."),
    FIELD(struct transport, transport, .flags = REQUIRED | NO_BLANK, .max = 255, .canon = transport_canon,
          .doc = "Transport and next hop, as in transport(5): smtp:[host]:port, lmtp:unix:path, relay:."),
    FIELD(struct transport, description, .max = 255, .doc = "For people only."),
    FIELD(struct transport, active, .on = true, .doc = "Off: it is not asked."),
    FIELD(struct transport, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct transport, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape transport_shape = SHAPE(struct transport, "Transport", transport_fields);

/* Those of access(5) that take no argument but words: what a client is told or the log gets. */
static const char *const access_actions[] = {
    "OK", "REJECT", "DEFER", "DEFER_IF_REJECT", "DEFER_IF_PERMIT", "DISCARD", "HOLD", "DUNNO", "INFO", "WARN", NULL,
};

/* It goes into an answer of SMTP, which is ASCII unless the client asked for more. */
static enum outcome reply_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    for (size_t i = 0; i < given.length; i++)
        if (given.at[i] < ' ' || given.at[i] > '~')
            return task_problem(t, field, &problem_bad_character);
    *out = text_trim(given);
    return DONE;
}

static const struct field sender_access_fields[] = {
    FIELD(struct sender_access, sender, .flags = KEY | REQUIRED | NO_BLANK, .max = 254, .canon = sender_pattern_canon,
          .shown = pattern_shown,
          .doc = "Whose mail it is: an address, a domain with what is below it, or local-part@ of any domain."),
    FIELD(struct sender_access, action, .flags = REQUIRED, .max = 16, .words = access_actions,
          .doc = "What becomes of it, as in access(5)."),
    FIELD(struct sender_access, reply, .max = 200, .canon = reply_canon,
          .doc = "What a refused sender is told, or the log gets; in ASCII."),
    FIELD(struct sender_access, description, .max = 255, .doc = "For people only."),
    FIELD(struct sender_access, active, .on = true, .doc = "Off: it is not asked."),
    FIELD(struct sender_access, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct sender_access, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape sender_access_shape = SHAPE(struct sender_access, "SenderAccess", sender_access_fields);
