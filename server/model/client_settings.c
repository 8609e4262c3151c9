/* server/model/client_settings.c */
#include "model/client_settings.h"

static const char *const protocol_words[] = { CLIENT_IMAP, CLIENT_POP3, CLIENT_SMTP, NULL };
static const char *const tls_words[] = { CLIENT_WRAPPED, CLIENT_STARTTLS, NULL };

static const struct field fields[] = {
    FIELD(struct client_server, protocol, .flags = READ_ONLY | KEY, .words = protocol_words,
          .doc = "imap and pop3 are for reading, smtp is for sending."),
    FIELD(struct client_server, host, .flags = READ_ONLY, .doc = "The server's name."),
    FIELD(struct client_server, port, .flags = READ_ONLY, .doc = "Its port."),
    FIELD(struct client_server, tls, .flags = READ_ONLY, .words = tls_words, .doc = "TLS from the start, or by STARTTLS."),
    FIELD(struct client_server, username, .flags = READ_ONLY, .doc = "The log-in name: the whole address."),
};
const struct shape client_server_shape = SHAPE(struct client_server, "ClientServer", fields);

bool client_is(const struct client_server *s, const char *protocol)
{
    return text_equal(s->protocol, text_of(protocol));
}

bool client_is_wrapped(const struct client_server *s)
{
    return text_equal(s->tls, TEXT(CLIENT_WRAPPED));
}
