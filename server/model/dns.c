/* server/model/dns.c */
#include "model/dns.h"

#include "model/address.h"
#include "model/problem.h"
#include "model/secret.h"

#include <string.h>

#define RECORDS_MAX 32 /* besides those of MX and DKIM */
#define POLICY_ID_DIGITS 20
#define MX_USUAL 10
#define MX_BACKUP_FURTHER 10 /* a backup stands behind the domain's own servers */

const char *const dmarc_policy_words[] = { "none", "quarantine", "reject", NULL };
const char *const mta_sts_words[] = { "none", "testing", "enforce", NULL };

static const struct field record_fields[] = {
    FIELD(struct dns_record, name, .flags = READ_ONLY | KEY, .doc = "The whole name, in A-labels, without a dot at its end."),
    FIELD(struct dns_record, type, .flags = READ_ONLY, .doc = "MX, TXT, SRV or CNAME."),
    FIELD(struct dns_record, ttl, .flags = READ_ONLY, .doc = "How many seconds others may keep it."),
    FIELD(struct dns_record, data, .flags = READ_ONLY, .doc = "As a zone file has it."),
    FIELD(struct dns_record, value, .flags = READ_ONLY, .doc = "As a form for records wants it: without quotes, in one piece."),
    FIELD(struct dns_record, elsewhere, .flags = READ_ONLY, .doc = "Whether it belongs in another domain's zone."),
    FIELD(struct dns_record, why, .flags = READ_ONLY, .doc = "What it is good for."),
};
const struct shape dns_record_shape = SHAPE(struct dns_record, "DnsRecord", record_fields);

static const struct field port_fields[] = {
    FIELD(struct dns_port, port, .flags = READ_ONLY | KEY, .doc = "A TCP port that others have to reach."),
    FIELD(struct dns_port, host, .flags = READ_ONLY, .doc = "On this machine."),
    FIELD(struct dns_port, why, .flags = READ_ONLY, .doc = "What comes in by it."),
};
const struct shape dns_port_shape = SHAPE(struct dns_port, "DnsPort", port_fields);

static const struct field sheet_fields[] = {
    FIELD(struct dns_sheet, domain, .flags = READ_ONLY | KEY, .shown = domain_shown, .doc = "The domain."),
    FIELD(struct dns_sheet, records, .flags = READ_ONLY, .shape = &dns_record_shape, .doc = "What to publish."),
    FIELD(struct dns_sheet, ports, .flags = READ_ONLY, .shape = &dns_port_shape, .doc = "What to open in a firewall."),
    FIELD(struct dns_sheet, zone, .flags = READ_ONLY | MULTILINE, .doc = "The records as a piece of BIND's zone file."),
};
const struct shape dns_sheet_shape = SHAPE(struct dns_sheet, "DnsSheet", sheet_fields);

/* ---- settings ---- */

static bool is_made_of(struct text given, const char *fit)
{
    for (size_t i = 0; i < given.length; i++)
        if (!given.at[i] || !strchr(fit, given.at[i]))
            return false;
    return true;
}

enum outcome dns_mx_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    size_t blank = text_find(given, ' ');
    struct text host = given;
    int64_t preference = MX_USUAL;
    enum outcome o;

    if (blank != TEXT_NOT_FOUND) {
        if (!text_to_int64(text_part(given, 0, blank), &preference) || preference < 0 || preference > UINT16_MAX)
            return task_problem(t, field, &problem_malformed);
        host = text_trim(text_part(given, blank + 1, given.length));
    }
    o = domain_canon(t, field, host, &host);
    if (o == DONE)
        *out = task_printf(t, "%lld %.*s", (long long)preference, (int)host.length, host.at);
    return o;
}

enum outcome dns_spf_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    static const struct text version = { "v=spf1", 6 };

    *out = given;
    if (!text_starts(given, version) || (given.length > version.length && given.at[version.length] != ' '))
        return task_problem(t, field, &problem_malformed);
    for (size_t i = 0; i < given.length; i++)
        if (given.at[i] < ' ' || given.at[i] > '~' || strchr("\"\\;", given.at[i]))
            return task_problem(t, field, &problem_bad_character);
    return DONE;
}

enum outcome dns_report_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    bool whole = text_find(given, '@') != TEXT_NOT_FOUND;
    enum outcome o;

    *out = given;
    if (!given.length)
        return DONE;
    o = whole ? address_canon(t, field, given, out) : local_part_canon(t, field, given, out);
    if (o == DONE && !is_made_of(*out, "abcdefghijklmnopqrstuvwxyz0123456789.-_+@"))
        return task_problem(t, field, &problem_bad_character);
    return o;
}

/* ---- texts ---- */

struct text dns_txt(struct task *t, struct text value)
{
    /* each octet may need an escape of four, each piece two quotes and a blank */
    char *at = task_alloc(t, value.length * 4 + (value.length / DNS_STRING_MAX + 1) * 3 + 1);
    size_t length = 0;

    at[length++] = '"';
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.at[i];

        if (i && i % DNS_STRING_MAX == 0) {
            memcpy(at + length, "\" \"", 3);
            length += 3;
        }
        if (c < ' ' || c > '~') { /* RFC 1035, 5.1: \DDD */
            at[length++] = '\\';
            at[length++] = (char)('0' + c / 100);
            at[length++] = (char)('0' + c / 10 % 10);
            at[length++] = (char)('0' + c % 10);
            continue;
        }
        if (c == '"' || c == '\\')
            at[length++] = '\\';
        at[length++] = (char)c;
    }
    at[length++] = '"';
    return (struct text){ at, length };
}

static struct text mx_host(struct text mx)
{
    return text_part(mx, text_find(mx, ' ') + 1, mx.length);
}

static bool has_mta_sts(const struct dns_plan *plan)
{
    return plan->mta_sts.length && !text_equal(plan->mta_sts, TEXT("none")) && !plan->backup;
}

struct text dns_mta_sts_policy(struct task *t, const struct dns_plan *plan)
{
    struct text policy;

    if (!has_mta_sts(plan))
        return (struct text){ 0 };
    policy = task_printf(t, "version: STSv1\r\nmode: %.*s\r\n", (int)plan->mta_sts.length, plan->mta_sts.at);
    for (size_t i = 0; i < plan->mx.count; i++) {
        struct text host = mx_host(plan->mx.items[i]);

        policy = task_join(t, policy, task_printf(t, "mx: %.*s\r\n", (int)host.length, host.at));
    }
    return task_join(t, policy, task_printf(t, "max_age: %lld\r\n", (long long)plan->mta_sts_max_age));
}

/* ---- records ---- */

struct writing {
    struct task *t;
    const struct dns_plan *plan;
    struct dns_record *records;
    size_t count;
};

/* A name that would be too long does not exist, and neither does the record. */
static void add(struct writing *w, const char *below, const char *type, struct text data, struct text value,
                const char *why)
{
    struct text name = task_printf(w->t, "%s%.*s", below, (int)w->plan->domain.length, w->plan->domain.at);

    if (name.length <= DOMAIN_MAX)
        w->records[w->count++] = (struct dns_record){ name, text_of(type), w->plan->ttl, data, value, text_of(why), false };
}

static void add_txt(struct writing *w, const char *below, struct text value, const char *why)
{
    add(w, below, "TXT", dns_txt(w->t, value), value, why);
}

static void add_host(struct writing *w, const char *below, const char *why)
{
    struct text host = w->plan->web_host;

    add(w, below, "CNAME", task_printf(w->t, "%.*s.", (int)host.length, host.at), host, why);
}

static void add_mx(struct writing *w)
{
    for (size_t i = 0; i < w->plan->mx.count; i++) {
        struct text mx = w->plan->mx.items[i], host = mx_host(mx);
        int64_t preference = MX_USUAL;

        (void)text_to_int64(text_part(mx, 0, text_find(mx, ' ')), &preference); /* dns_mx_canon() wrote it */
        if (w->plan->backup)
            preference += MX_BACKUP_FURTHER;
        mx = task_printf(w->t, "%lld %.*s", (long long)preference, (int)host.length, host.at);
        add(w, "", "MX", task_join(w->t, mx, TEXT(".")), mx,
            w->plan->backup ? "Keeps mail while the domain's own servers, which stand before it, are away."
                            : "Where other servers bring mail for the domain.");
    }
}

static void add_keys(struct writing *w)
{
    for (size_t i = 0; i < w->plan->key_count; i++) {
        const struct dns_key *k = &w->plan->keys[i];

        add_txt(w, task_printf(w->t, "%.*s._domainkey.", (int)k->selector.length, k->selector.at).at, k->record,
                k->active ? "DKIM: the key that letters are signed with."
                          : "DKIM: a key that does not sign now; it is there for letters under way, or to sign next.");
    }
}

static bool is_below(struct text name, struct text domain)
{
    return text_equal(name, domain)
        || (name.length > domain.length && text_ends(name, domain) && name.at[name.length - domain.length - 1] == '.');
}

/* RFC 7489, 7.1: a domain has to say that it wants the reports of another. */
static void add_report_consent(struct writing *w, struct text address)
{
    struct text there = address_split(address).domain, here = w->plan->domain;
    struct text name = task_printf(w->t, "%.*s._report._dmarc.%.*s", (int)here.length, here.at, (int)there.length, there.at);

    if (is_below(there, here) || is_below(here, there) || name.length > DOMAIN_MAX)
        return;
    w->records[w->count++] = (struct dns_record){
        name, TEXT("TXT"), w->plan->ttl, TEXT("\"v=DMARC1;\""), TEXT("v=DMARC1;"),
        TEXT("DMARC: that domain takes the reports of this one. It belongs in that domain's zone."), true,
    };
}

static struct text report_address(struct writing *w, struct text given)
{
    if (text_find(given, '@') != TEXT_NOT_FOUND)
        return given;
    return task_printf(w->t, "%.*s@%.*s", (int)given.length, given.at, (int)w->plan->domain.length, w->plan->domain.at);
}

static void add_dmarc(struct writing *w)
{
    const struct dns_plan *p = w->plan;
    struct text record = task_printf(w->t, "v=DMARC1; p=%.*s", (int)p->dmarc_policy.length, p->dmarc_policy.at);
    struct text to = p->dmarc_rua.length ? report_address(w, p->dmarc_rua) : TEXT("");

    if (to.length)
        record = task_join(w->t, record, task_printf(w->t, "; rua=mailto:%.*s", (int)to.length, to.at));
    add_txt(w, "_dmarc.", record, "DMARC: what others should do with mail that passes neither SPF nor DKIM.");
    if (to.length)
        add_report_consent(w, to);
}

/* RFC 6186, 3.4: a service that is not there is said to be not there. */
static void add_service(struct writing *w, const char *below, const char *protocol, bool smtp, bool wrapped, int priority)
{
    const struct client_settings *c = w->plan->clients;
    const char *name = task_printf(w->t, "%s._tcp.", below).at;

    for (size_t i = 0; i < c->count; i++) {
        const struct client_server *s = &c->servers[i];
        struct text data;

        if (!client_is(s, protocol) || client_is_wrapped(s) != wrapped)
            continue;
        data = task_printf(w->t, "%d 1 %lld %.*s", priority, (long long)s->port, (int)s->host.length, s->host.at);
        add(w, name, "SRV", task_join(w->t, data, TEXT(".")), data,
            smtp ? "Where mail programs send mail." : "Where mail programs read mail.");
        return;
    }
    add(w, name, "SRV", TEXT("0 0 0 ."), TEXT("0 0 0 ."), "That service is not offered.");
}

static void add_services(struct writing *w)
{
    struct text host = w->plan->web_host, data = task_printf(w->t, "0 1 443 %.*s", (int)host.length, host.at);

    add_service(w, "_imaps", CLIENT_IMAP, false, true, 0);
    add_service(w, "_imap", CLIENT_IMAP, false, false, 0);
    add_service(w, "_pop3s", CLIENT_POP3, false, true, 10);
    add_service(w, "_pop3", CLIENT_POP3, false, false, 10);
    add_service(w, "_submissions", CLIENT_SMTP, true, true, 0);
    add_service(w, "_submission", CLIENT_SMTP, true, false, 10);
    add(w, "_autodiscover._tcp.", "SRV", task_join(w->t, data, TEXT(".")), data, "Where Outlook finds the settings.");
    add_host(w, "autoconfig.", "Where Thunderbird finds the settings.");
    add_host(w, "autodiscover.", "Where Outlook finds the settings.");
}

static void add_transport_security(struct writing *w)
{
    struct text policy = dns_mta_sts_policy(w->t, w->plan), to;

    if (policy.at) {
        add_txt(w, "_mta-sts.", task_printf(w->t, "v=STSv1; id=%.*s", POLICY_ID_DIGITS, secret_digest(w->t, policy).at),
                "MTA-STS: there is a policy; it has another id whenever it changes.");
        add_host(w, "mta-sts.", "MTA-STS: where the policy is, with a certificate for this name.");
    }
    if (!w->plan->tls_rua.length)
        return;
    to = report_address(w, w->plan->tls_rua);
    add_txt(w, "_smtp._tls.", task_printf(w->t, "v=TLSRPTv1; rua=mailto:%.*s", (int)to.length, to.at),
            "TLS-RPT: who is told when others could not send by TLS.");
}

static void add_all(struct writing *w)
{
    add_mx(w);
    if (w->plan->backup)
        return; /* all else is for the domain's own servers to say */
    if (w->plan->spf.length)
        add_txt(w, "", w->plan->spf, "SPF: which servers send mail from the domain.");
    add_keys(w);
    add_dmarc(w);
    add_services(w);
    add_transport_security(w);
}

/* ---- ports ---- */

static void add_port(struct dns_sheet *out, int64_t port, struct text host, const char *why)
{
    struct dns_port *ports = out->ports.items;

    for (size_t i = 0; i < out->ports.count; i++)
        if (ports[i].port == port && text_equal(ports[i].host, host))
            return;
    ports[out->ports.count++] = (struct dns_port){ port, host, text_of(why) };
}

static const char *port_why(const struct client_server *s)
{
    if (client_is(s, CLIENT_SMTP))
        return client_is_wrapped(s) ? "Mail programs send mail, with TLS from the start." : "Mail programs send mail, with STARTTLS.";
    return client_is(s, CLIENT_IMAP) ? "Mail programs read mail by IMAP." : "Mail programs read mail by POP3.";
}

static void add_ports(struct task *t, const struct dns_plan *plan, struct dns_sheet *out)
{
    out->ports.items = task_alloc(t, (plan->mx.count + CLIENT_SERVERS_MAX + 1) * sizeof(struct dns_port));
    for (size_t i = 0; i < plan->mx.count; i++)
        add_port(out, 25, mx_host(plan->mx.items[i]), "Other servers bring mail.");
    for (size_t i = 0; i < plan->clients->count; i++)
        add_port(out, plan->clients->servers[i].port, plan->clients->servers[i].host, port_why(&plan->clients->servers[i]));
    add_port(out, 443, plan->web_host, "The web interface, settings of mail programs, the MTA-STS policy.");
}

/* ---- the zone ---- */

static struct text zone_text(struct writing *w)
{
    struct text whole = TEXT(""), why = TEXT("");

    for (size_t i = 0; i < w->count; i++) {
        const struct dns_record *r = &w->records[i];

        if (!text_equal(r->why, why))
            whole = task_join(w->t, whole, task_printf(w->t, "; %s\n", r->why.at));
        why = r->why;
        whole = task_join(w->t, whole,
                          task_printf(w->t, "%s%.*s. %lld IN %s %.*s\n", r->elsewhere ? "; " : "", (int)r->name.length,
                                      r->name.at, (long long)r->ttl, r->type.at, (int)r->data.length, r->data.at));
    }
    return whole;
}

void dns_sheet(struct task *t, const struct dns_plan *plan, struct dns_sheet *out)
{
    size_t room = RECORDS_MAX + plan->mx.count + plan->key_count;
    struct writing w = { t, plan, task_alloc(t, room * sizeof(struct dns_record)), 0 };

    add_all(&w);
    *out = (struct dns_sheet){ .domain = plan->domain, .records = { w.records, w.count }, .zone = zone_text(&w) };
    add_ports(t, plan, out);
}
