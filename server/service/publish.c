/* server/service/publish.c - what others are told of a domain: mail programs, the domain name system */
#include "service/publish.h"
#include "service/tables.h"

#include "model/address.h"
#include "model/dns.h"
#include "model/problem.h"
#include "store/dkim.h"

static struct text first_of(struct text given, struct text otherwise)
{
    return given.length ? given : otherwise;
}

static void add(struct client_settings *out, const char *protocol, struct text host, int64_t port, struct text tls,
                struct text username)
{
    if (host.length && port)
        out->servers[out->count++] = (struct client_server){ text_of(protocol), host, port, tls, username };
}

static void clients_of(const struct config *c, struct text domain, struct text username, struct client_settings *out)
{
    const struct clients_settings *s = &c->clients;
    struct text here = c->mail.hostname, smtp = first_of(s->smtp_host, here);

    *out = (struct client_settings){ .domain = domain, .name = first_of(s->name, domain) };
    add(out, CLIENT_IMAP, first_of(s->imap_host, here), s->imap_port, s->imap_tls, username);
    if (s->pop3)
        add(out, CLIENT_POP3, first_of(s->pop3_host, here), s->pop3_port, s->pop3_tls, username);
    add(out, CLIENT_SMTP, smtp, s->submissions_port, TEXT(CLIENT_WRAPPED), username);
    add(out, CLIENT_SMTP, smtp, s->submission_port, TEXT(CLIENT_STARTTLS), username);
}

/* Of "https://mail.example.jp:8443/". An address of a machine is no name that another could lead to. */
static struct text host_of_url(struct task *t, struct text url)
{
    size_t slashes = text_find(url, '/');
    struct text host = slashes == TEXT_NOT_FOUND ? TEXT("") : text_part(url, slashes + 2, url.length), canonical = TEXT("");

    host = text_part(host, 0, text_find(host, '/'));
    host = text_part(host, 0, text_find(host, ':'));
    if (!host.length || (host.at[host.length - 1] >= '0' && host.at[host.length - 1] <= '9'))
        return TEXT("");
    if (domain_canon(t, "public_url", host, &canonical) != DONE) {
        task_forget_problems(t);
        return TEXT("");
    }
    return canonical;
}

static struct texts mx_of(struct task *t, const struct config *c)
{
    struct text *one = task_alloc(t, sizeof *one);

    if (c->dns.mx.count)
        return c->dns.mx;
    *one = task_printf(t, "10 %.*s", (int)c->mail.hostname.length, c->mail.hostname.at);
    return (struct texts){ one, c->mail.hostname.length ? 1 : 0 };
}

/* False: the configuration has no name for this machine. */
static bool plan_of(struct task *t, const struct config *c, const struct domain *d, const struct client_settings *clients,
                    struct dns_plan *out)
{
    struct text web = first_of(c->dns.web_host, host_of_url(t, c->server.public_url));

    *out = (struct dns_plan){
        .domain = d->domain, .backup = d->backup_mx, .ttl = c->dns.ttl, .mta_sts_max_age = c->dns.mta_sts_max_age,
        .mx = mx_of(t, c), .web_host = first_of(web, c->mail.hostname), .spf = c->dns.spf,
        .dmarc_policy = c->dns.dmarc_policy, .dmarc_rua = c->dns.dmarc_rua, .tls_rua = c->dns.tls_rua,
        .mta_sts = c->dns.mta_sts, .clients = clients,
    };
    return out->mx.count > 0 && out->web_host.length > 0;
}

static enum outcome keys_of(struct task *t, struct text domain, struct dns_plan *out)
{
    struct rows rows = { 0 };
    enum outcome o = store_dkim_of_domain(t, domain, &rows);
    struct dkim_key *k = rows.items;
    struct dns_key *keys = task_alloc(t, rows.count * sizeof *keys);

    for (size_t i = 0; o == DONE && i < rows.count; i++) {
        dkim_describe(t, &k[i]);
        if (k[i].record.length)
            keys[out->key_count++] = (struct dns_key){ k[i].selector, k[i].record, k[i].active };
    }
    out->keys = keys;
    return o;
}

/* ---- for anybody ---- */

static enum outcome serves(const struct service *s, struct task *t, struct text domain, struct domain *out)
{
    enum outcome o = store_borrow(s->store, t);

    if (o == DONE)
        o = store_domain_served(t, domain, out);
    if (o == RETRY && transaction_may_be_repeated(t)) { /* a connection that had ended while nobody used it */
        store_return(s->store, t);
        o = store_borrow(s->store, t);
        if (o == DONE)
            o = store_domain_served(t, domain, out);
    }
    store_return(s->store, t);
    return o == DONE && (!out->active || out->backup_mx) ? MISSING : o;
}

enum outcome published_clients(const struct service *s, struct task *t, struct text domain, struct text username,
                               struct client_settings *out)
{
    struct domain d = { 0 };
    enum outcome o = serves(s, t, domain, &d);

    if (o == DONE)
        clients_of(s->config, domain, username, out);
    return o == DONE && out->count == 0 ? MISSING : o;
}

enum outcome published_policy(const struct service *s, struct task *t, struct text domain, struct text *out)
{
    struct client_settings none = { 0 };
    struct dns_plan plan;
    struct domain d = { 0 };
    enum outcome o = serves(s, t, domain, &d);

    if (o == DONE && !plan_of(t, s->config, &d, &none, &plan))
        return MISSING;
    if (o == DONE)
        *out = dns_mta_sts_policy(t, &plan);
    return o == DONE && !out->at ? MISSING : o;
}

/* ---- verbs ---- */

static enum outcome belongs(struct work *w)
{
    w->domain = w->key;
    return DONE;
}

static enum outcome show_dns(struct work *w)
{
    struct client_settings clients = { 0 };
    struct dns_plan plan = { 0 };
    struct domain d = { 0 };
    enum outcome o = store_domain_served(w->t, w->key, &d);

    if (o != DONE)
        return o;
    clients_of(w->s->config, w->key, (struct text){ 0 }, &clients);
    if (!plan_of(w->t, w->s->config, &d, &clients, &plan))
        return task_problem(w->t, "domain", &problem_no_hostname);
    o = keys_of(w->t, w->key, &plan);
    w->out->item = task_alloc(w->t, sizeof(struct dns_sheet));
    if (o == DONE)
        dns_sheet(w->t, &plan, w->out->item);
    return o;
}

static enum outcome own_clients(struct work *w)
{
    struct client_settings *c = task_alloc(w->t, sizeof *c);

    clients_of(w->s->config, address_split(w->actor->username).domain, w->actor->username, c);
    w->out->list = (struct list){ .shape = &client_server_shape, .rows = { c->servers, c->count } };
    return DONE;
}

static const struct resource dns_resource = {
    .noun = "domain", .key = "domain", .shape = &dns_sheet_shape, .canon = domain_canon, .belongs = belongs,
};

const struct verb publish_verbs[] = {
    { "dns.show", ACT_SHOW, MAY_READ_DOMAINS, &dns_resource, NULL, &dns_sheet_shape, show_dns,
      "Show the records to publish for a domain, and the ports to open", false },
    { "me.client-settings", ACT_LIST, MAY_USE_MAILBOX, NULL, NULL, &client_server_shape, own_clients,
      "Show what to type into a mail program", false },
    { 0 },
};
