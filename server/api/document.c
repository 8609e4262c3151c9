/* server/api/document.c - what anybody may read: which document it is, of which domain, and the answer */
#include "api/api.h"
#include "api/document.h"

#include "base/log.h"
#include "model/address.h"
#include "model/problem.h"
#include "service/publish.h"

#include <string.h>

#define BODY_MAX 16384  /* octets; Outlook sends some 400 */
#define RETRY_SECONDS 2 /* as elsewhere (api.c) */

struct asking {
    struct task *t;
    const struct service *s;
    const struct document_call *call;
    struct text address, domain; /* canonical; the address absent unless one is named */
};

/* ---- whose settings ---- */

/* A plus that nobody encoded has become a blank by the rules of forms; no address has one. */
static struct text with_plus(struct task *t, struct text given)
{
    char *at = task_c_string(t, given);

    for (size_t i = 0; i < given.length; i++)
        if (at[i] == ' ')
            at[i] = '+';
    return (struct text){ at, given.length };
}

static enum outcome take_address(struct asking *a, struct text given)
{
    struct address parsed;
    enum outcome o;

    if (given.length > 4 * ADDRESS_MAX)
        return task_problem_figure(a->t, "address", &problem_too_long, "max", ADDRESS_MAX);
    o = address_parse(a->t, "address", with_plus(a->t, given), &parsed);
    if (o == DONE && !parsed.local_part.length)
        return task_problem(a->t, "address", &problem_needs_local_part);
    if (o == DONE) {
        a->address = address_bare(a->t, &parsed);
        a->domain = parsed.domain;
    }
    return o;
}

/* The names that stand before a domain for the sake of these documents (model/dns.c). */
static struct text without_prefix(struct text host)
{
    static const struct text prefixes[] = { { "autoconfig.", 11 }, { "autodiscover.", 13 }, { "mta-sts.", 8 } };

    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (text_starts(host, prefixes[i]))
            return text_part(host, prefixes[i].length, host.length);
    return host;
}

static enum outcome take_host(struct asking *a)
{
    struct text host = text_part(a->call->host, 0, text_find(a->call->host, ':'));

    if (!host.length)
        return task_problem(a->t, "Host", &problem_required);
    if (host.length > DOMAIN_MAX)
        return task_problem_figure(a->t, "Host", &problem_domain_too_long, "max", DOMAIN_MAX);
    return domain_canon(a->t, "Host", without_prefix(task_lower(a->t, host)), &a->domain);
}

static enum outcome take_query(struct asking *a)
{
    static const char *const names[] = { "emailaddress", "email" };
    const struct name_value *found = NULL;

    for (size_t i = 0; i < a->call->query_count; i++)
        for (size_t k = 0; k < COUNT(names); k++) {
            if (!text_equal_folded(a->call->query[i].name, text_of(names[k])))
                continue;
            if (found)
                return task_problem(a->t, names[k], &problem_duplicate_field);
            found = &a->call->query[i];
        }
    return found && found->value.length ? take_address(a, found->value) : DONE;
}

static enum outcome take_body(struct asking *a)
{
    struct text address = { 0 };

    if (!document_read_autodiscover(a->t, a->call->body, &address))
        return task_problem(a->t, "body", &problem_malformed);
    return address.length ? take_address(a, address) : DONE;
}

static enum outcome take_domain(struct asking *a)
{
    enum outcome o = a->call->body.at ? take_body(a) : take_query(a);

    return o == DONE && !a->domain.length ? take_host(a) : o;
}

/* ---- the documents ---- */

typedef struct text write_fn(struct task *t, const struct client_settings *c);

static enum outcome clients(struct asking *a, write_fn *write, struct text *out)
{
    struct client_settings c = { 0 };
    enum outcome o = take_domain(a);

    if (o == DONE)
        o = published_clients(a->s, a->t, a->domain, a->address, &c);
    if (o == DONE)
        *out = write(a->t, &c);
    return o;
}

static enum outcome autoconfig(struct asking *a, struct text *out)
{
    return clients(a, document_autoconfig, out);
}

static enum outcome autodiscover(struct asking *a, struct text *out)
{
    return clients(a, document_autodiscover, out);
}

static enum outcome profile(struct asking *a, struct text *out)
{
    enum outcome o = take_query(a);

    if (o == DONE && !a->address.length)
        return task_problem(a->t, "email", &problem_required);
    return o == DONE ? clients(a, document_profile, out) : o;
}

/* RFC 8461, 3.3: only at the name that the record promises. */
static enum outcome policy(struct asking *a, struct text *out)
{
    if (!text_equal_folded(text_part(a->call->host, 0, 8), TEXT("mta-sts.")))
        return MISSING;
    return take_host(a) == DONE ? published_policy(a->s, a->t, a->domain, out) : MISSING;
}

#define XML "text/xml; charset=utf-8"

const struct document documents[] = {
    { "/.well-known/autoconfig/mail/config-v1.1.xml", false, XML, autoconfig },
    { "/mail/config-v1.1.xml", false, XML, autoconfig },
    { "/autodiscover/autodiscover.xml", true, XML, autodiscover },
    { "/apple.mobileconfig", false, "application/x-apple-aspen-config; charset=utf-8", profile },
    { "/.well-known/mta-sts.txt", false, "text/plain; charset=utf-8", policy },
    { 0 },
};

static void say(struct reply *out, unsigned status, struct text words)
{
    *out = (struct reply){ .status = status, .content_type = TEXT("text/plain; charset=utf-8"), .body = words };
}

static struct text problem_words(struct task *t)
{
    const struct problem *p = task_problems(t);
    struct text detail = p ? problem_detail(t, p) : TEXT("");

    return p ? task_printf(t, "%.*s %.*s\n", (int)p->field.length, p->field.at, (int)detail.length, detail.at)
             : TEXT("it cannot be understood\n");
}

void api_document(struct api *a, struct task *t, const struct document_call *call, struct reply *out)
{
    struct asking asking = { .t = t, .s = api_service(a), .call = call };
    struct text body = TEXT("");
    enum outcome o;

    if (call->body.length > BODY_MAX) {
        say(out, 413, TEXT("that is longer than any mail program's request\n"));
        return;
    }
    o = call->document->answer(&asking, &body);
    if (o == DONE) {
        *out = (struct reply){ .status = 200, .content_type = text_of(call->document->type), .body = body };
    } else if (o == INVALID) {
        say(out, 400, problem_words(t));
    } else if (o == MISSING) {
        say(out, 404, TEXT("there are no settings for that domain here\n"));
    } else {
        say(out, status_of(o), TEXT("it cannot be told now\n"));
        out->retry_after_seconds = o == RETRY ? RETRY_SECONDS : 0;
    }
}
