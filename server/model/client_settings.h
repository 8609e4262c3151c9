/* server/model/client_settings.h - what a mail program has to know to read and send mail
 *
 * WHAT    Servers in the order in which a program should take them, the best first: reading by IMAP, then by POP3, sending
 *         with TLS from the start, then by STARTTLS. The same for all addresses of a domain, so that nothing here tells whether
 *         an address exists.
 * WHY     Mozilla's autoconfig, Outlook's autodiscover, Apple's profiles, the page for people and the SRV records all say the
 *         same, because they come from this.
 * OWNS    Nothing; the texts live as long as the task.
 */
#ifndef POSTREEVE_MODEL_CLIENT_SETTINGS_H
#define POSTREEVE_MODEL_CLIENT_SETTINGS_H

#include "base/shape.h"

#define CLIENT_WRAPPED "wrapped" /* TLS from the first octet (RFC 8314) */
#define CLIENT_STARTTLS "starttls"
#define CLIENT_IMAP "imap"
#define CLIENT_POP3 "pop3"
#define CLIENT_SMTP "smtp"
#define CLIENT_SERVERS_MAX 4

struct client_server {
    struct text protocol, host;
    int64_t port;
    struct text tls, username; /* the user name is the whole address; absent where no address is at hand */
};
extern const struct shape client_server_shape;

struct client_settings {
    struct text domain, name; /* the account's name for people */
    struct client_server servers[CLIENT_SERVERS_MAX];
    size_t count;
};

bool client_is(const struct client_server *s, const char *protocol);
bool client_is_wrapped(const struct client_server *s);

#endif
