/* server/api/document_text.c - settings for mail programs, in the three forms they read */
#include "api/document.h"

#include "model/secret.h"

#include <string.h>

struct paper {
    struct task *t;
    struct text text;
};

static void put(struct paper *p, const char *words)
{
    p->text = task_join(p->t, p->text, text_of(words));
}

/* XML 1.0, 2.4 and 2.2: no mark-up, and no character that is none there. */
static struct text escaped(struct task *t, struct text given)
{
    static const struct { char c; const char *as; } marks[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&apos;" },
    };
    char *at = task_alloc(t, given.length * 6 + 1);
    size_t length = 0;

    for (size_t i = 0; i < given.length; i++) {
        const char *as = (unsigned char)given.at[i] < ' ' ? "?" : NULL;

        for (size_t k = 0; k < COUNT(marks) && !as; k++)
            if (marks[k].c == given.at[i])
                as = marks[k].as;
        if (as) {
            memcpy(at + length, as, strlen(as));
            length += strlen(as);
        } else {
            at[length++] = given.at[i];
        }
    }
    return (struct text){ at, length };
}

static void element(struct paper *p, const char *name, struct text value)
{
    struct text inside = escaped(p->t, value);

    p->text = task_join(p->t, p->text, task_printf(p->t, "<%s>%.*s</%s>\n", name, (int)inside.length, inside.at, name));
}

static void number(struct paper *p, const char *name, int64_t value)
{
    p->text = task_join(p->t, p->text, task_printf(p->t, "<%s>%lld</%s>\n", name, (long long)value, name));
}

static const struct client_server *best(const struct client_settings *c, const char *protocol)
{
    for (size_t i = 0; i < c->count; i++)
        if (client_is(&c->servers[i], protocol))
            return &c->servers[i];
    return NULL;
}

/* ---- Thunderbird ---- */

static void autoconfig_server(struct paper *p, const struct client_server *s)
{
    const char *kind = client_is(s, CLIENT_SMTP) ? "outgoingServer" : "incomingServer";

    p->text = task_join(p->t, p->text, task_printf(p->t, "<%s type=\"%.*s\">\n", kind, (int)s->protocol.length, s->protocol.at));
    element(p, "hostname", s->host);
    number(p, "port", s->port);
    element(p, "socketType", client_is_wrapped(s) ? TEXT("SSL") : TEXT("STARTTLS"));
    element(p, "username", TEXT("%EMAILADDRESS%")); /* the program puts the address in its place */
    element(p, "authentication", TEXT("password-cleartext")); /* within TLS */
    p->text = task_join(p->t, p->text, task_printf(p->t, "</%s>\n", kind));
}

struct text document_autoconfig(struct task *t, const struct client_settings *c)
{
    struct paper p = { t, TEXT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n") };
    struct text domain = escaped(t, c->domain);

    p.text = task_join(t, p.text, task_printf(t, "<emailProvider id=\"%.*s\">\n", (int)domain.length, domain.at));
    element(&p, "domain", c->domain);
    element(&p, "displayName", c->name);
    element(&p, "displayShortName", c->name);
    for (size_t i = 0; i < c->count; i++)
        autoconfig_server(&p, &c->servers[i]);
    put(&p, "</emailProvider>\n</clientConfig>\n");
    return p.text;
}

/* ---- Outlook ---- */

static void autodiscover_server(struct paper *p, const struct client_server *s, const char *type)
{
    if (!s)
        return;
    put(p, "<Protocol>\n");
    element(p, "Type", text_of(type));
    element(p, "Server", s->host);
    number(p, "Port", s->port);
    put(p, "<DomainRequired>off</DomainRequired>\n");
    if (s->username.length)
        element(p, "LoginName", s->username);
    put(p, "<SPA>off</SPA>\n<SSL>on</SSL>\n");
    element(p, "Encryption", client_is_wrapped(s) ? TEXT("SSL") : TEXT("TLS"));
    put(p, "<AuthRequired>on</AuthRequired>\n");
    if (client_is(s, CLIENT_SMTP))
        put(p, "<UsePOPAuth>off</UsePOPAuth>\n<SMTPLast>off</SMTPLast>\n");
    put(p, "</Protocol>\n");
}

struct text document_autodiscover(struct task *t, const struct client_settings *c)
{
    struct paper p = { t, TEXT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/"
                               "responseschema/2006\">\n"
                               "<Response xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/"
                               "responseschema/2006a\">\n<User>\n") };

    element(&p, "DisplayName", c->name);
    put(&p, "</User>\n<Account>\n<AccountType>email</AccountType>\n<Action>settings</Action>\n");
    autodiscover_server(&p, best(c, CLIENT_IMAP), "IMAP");
    autodiscover_server(&p, best(c, CLIENT_POP3), "POP3");
    autodiscover_server(&p, best(c, CLIENT_SMTP), "SMTP");
    put(&p, "</Account>\n</Response>\n</Autodiscover>\n");
    return p.text;
}

/* ---- Apple ---- */

static void entry(struct paper *p, const char *key, struct text value)
{
    element(p, "key", text_of(key));
    element(p, "string", value);
}

static void entry_number(struct paper *p, const char *key, int64_t value)
{
    element(p, "key", text_of(key));
    number(p, "integer", value);
}

static void entry_true(struct paper *p, const char *key)
{
    element(p, "key", text_of(key));
    put(p, "<true/>\n");
}

/* The same for the same account, so that a newer profile takes the place of an older (RFC 9562, 5.8: of one's own making). */
static struct text uuid_of(struct task *t, const char *what, struct text username)
{
    const char *d = secret_digest(t, task_printf(t, "postreeve/%s/%.*s", what, (int)username.length, username.at)).at;

    return task_printf(t, "%.8s-%.4s-8%.3s-8%.3s-%.12s", d, d + 8, d + 12, d + 15, d + 18);
}

static void entry_server(struct paper *p, const char *direction, const struct client_server *s)
{
    entry(p, task_printf(p->t, "%sMailServerAuthentication", direction).at, TEXT("EmailAuthPassword"));
    entry(p, task_printf(p->t, "%sMailServerHostName", direction).at, s->host);
    entry_number(p, task_printf(p->t, "%sMailServerPortNumber", direction).at, s->port);
    entry_true(p, task_printf(p->t, "%sMailServerUseSSL", direction).at);
    entry(p, task_printf(p->t, "%sMailServerUsername", direction).at, s->username);
}

static void entries_of_payload(struct paper *p, const char *what, const char *type, const struct client_settings *c)
{
    struct text username = c->servers[0].username, uuid = uuid_of(p->t, what, username);

    entry(p, "PayloadType", text_of(type));
    entry_number(p, "PayloadVersion", 1);
    entry(p, "PayloadUUID", uuid);
    entry(p, "PayloadIdentifier", task_printf(p->t, "postreeve.%s.%.*s", what, (int)uuid.length, uuid.at));
    entry(p, "PayloadDisplayName", c->name);
}

struct text document_profile(struct task *t, const struct client_settings *c)
{
    const struct client_server *reads = best(c, CLIENT_IMAP), *sends = best(c, CLIENT_SMTP);
    struct paper p = { t, TEXT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                               "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                               "<plist version=\"1.0\">\n<dict>\n<key>PayloadContent</key>\n<array>\n<dict>\n") };

    entries_of_payload(&p, "mail", "com.apple.mail.managed", c);
    entry(&p, "EmailAccountDescription", c->name);
    entry(&p, "EmailAccountType", reads ? TEXT("EmailTypeIMAP") : TEXT("EmailTypePOP"));
    entry(&p, "EmailAddress", c->servers[0].username);
    if (!reads)
        reads = best(c, CLIENT_POP3);
    if (reads)
        entry_server(&p, "Incoming", reads);
    if (sends)
        entry_server(&p, "Outgoing", sends);
    entry_true(&p, "OutgoingPasswordSameAsIncomingPassword");
    put(&p, "</dict>\n</array>\n");
    entries_of_payload(&p, "profile", "Configuration", c);
    put(&p, "</dict>\n</plist>\n");
    return p.text;
}
