/* server/api/routes.c - which request is which verb */
#include "api/call.h"

#include <string.h>

#define V1 "/api/v1"

const char *const method_words[] = { "GET", "POST", "PUT", "PATCH", "DELETE", NULL };

/* A {part} is the key of the verb's resource; for lists and creations it is the domain they are under. */
const struct route routes[] = {
    { METHOD_POST, V1 "/session", "session.create" },
    { METHOD_GET, V1 "/session", "session.show" },
    { METHOD_DELETE, V1 "/session", "session.delete" },

    { METHOD_POST, V1 "/password-reset", "password-reset.create" },
    { METHOD_PUT, V1 "/password-reset", "password-reset.use" },

    { METHOD_GET, V1 "/me", "me.show" },
    { METHOD_PUT, V1 "/me/password", "me.password" },
    { METHOD_GET, V1 "/me/forward", "me.forward" },
    { METHOD_PUT, V1 "/me/forward", "me.set-forward" },
    { METHOD_GET, V1 "/me/totp", "me.second-factor" },
    { METHOD_POST, V1 "/me/totp", "me.offer-totp" },
    { METHOD_PUT, V1 "/me/totp", "me.confirm-totp" },
    { METHOD_POST, V1 "/me/totp/disable", "me.disable-totp" },
    { METHOD_POST, V1 "/me/totp/recovery-codes", "me.new-recovery-codes" },
    { METHOD_GET, V1 "/me/app-passwords", "me.app-passwords" },
    { METHOD_POST, V1 "/me/app-passwords", "me.create-app-password" },
    { METHOD_DELETE, V1 "/me/app-passwords/{id}", "me.delete-app-password" },
    { METHOD_GET, V1 "/me/sessions", "me.sessions" },
    { METHOD_POST, V1 "/me/sessions/end-others", "me.end-other-sessions" },
    { METHOD_DELETE, V1 "/me/sessions/{id}", "me.end-session" },
    { METHOD_GET, V1 "/me/log-ins", "me.log-ins" },
    { METHOD_PUT, V1 "/me/recovery-address", "me.set-recovery-address" },

    { METHOD_POST, V1 "/log-ins/report", "log-in.report" },

    { METHOD_GET, V1 "/me/vacation", "me.vacation" },
    { METHOD_PUT, V1 "/me/vacation", "me.set-vacation" },
    { METHOD_GET, V1 "/me/aliases", "me.aliases" },
    { METHOD_GET, V1 "/me/client-settings", "me.client-settings" },

    { METHOD_GET, V1 "/domains", "domain.list" },
    { METHOD_POST, V1 "/domains", "domain.create" },
    { METHOD_GET, V1 "/domains/{domain}", "domain.show" },
    { METHOD_PATCH, V1 "/domains/{domain}", "domain.update" },
    { METHOD_DELETE, V1 "/domains/{domain}", "domain.delete" },

    { METHOD_GET, V1 "/domains/{domain}/dns", "dns.show" },
    { METHOD_GET, V1 "/domains/{domain}/dkim-keys", "dkim-key.list" },
    { METHOD_POST, V1 "/domains/{domain}/dkim-keys", "dkim-key.create" },
    { METHOD_GET, V1 "/dkim-keys", "dkim-key.list" },
    { METHOD_POST, V1 "/dkim-keys", "dkim-key.create" },
    { METHOD_GET, V1 "/dkim-keys/{id}", "dkim-key.show" },
    { METHOD_DELETE, V1 "/dkim-keys/{id}", "dkim-key.delete" },
    { METHOD_POST, V1 "/dkim-keys/{id}/activate", "dkim-key.activate" },
    { METHOD_POST, V1 "/dkim-keys/{id}/deactivate", "dkim-key.deactivate" },

    { METHOD_GET, V1 "/domains/{domain}/mailboxes", "mailbox.list" },
    { METHOD_POST, V1 "/domains/{domain}/mailboxes", "mailbox.create" },
    { METHOD_GET, V1 "/mailboxes", "mailbox.list" },
    { METHOD_POST, V1 "/mailboxes", "mailbox.create" },
    { METHOD_GET, V1 "/mailboxes/{address}", "mailbox.show" },
    { METHOD_PATCH, V1 "/mailboxes/{address}", "mailbox.update" },
    { METHOD_DELETE, V1 "/mailboxes/{address}", "mailbox.delete" },
    { METHOD_GET, V1 "/mailboxes/{address}/vacation", "mailbox.vacation" },
    { METHOD_PUT, V1 "/mailboxes/{address}/vacation", "mailbox.set-vacation" },
    { METHOD_POST, V1 "/mailboxes/{address}/rename", "mailbox.rename" },
    { METHOD_POST, V1 "/mailboxes/{address}/freeze", "mailbox.freeze" },
    { METHOD_POST, V1 "/mailboxes/{address}/thaw", "mailbox.thaw" },
    { METHOD_POST, V1 "/mailboxes/{address}/reset-totp", "mailbox.reset-totp" },

    { METHOD_GET, V1 "/app-passwords", "app-password.list" },
    { METHOD_DELETE, V1 "/app-passwords/{id}", "app-password.delete" },

    { METHOD_GET, V1 "/domains/{domain}/aliases", "alias.list" },
    { METHOD_POST, V1 "/domains/{domain}/aliases", "alias.create" },
    { METHOD_GET, V1 "/aliases", "alias.list" },
    { METHOD_POST, V1 "/aliases", "alias.create" },
    { METHOD_GET, V1 "/aliases/{address}", "alias.show" },
    { METHOD_PATCH, V1 "/aliases/{address}", "alias.update" },
    { METHOD_DELETE, V1 "/aliases/{address}", "alias.delete" },

    { METHOD_GET, V1 "/alias-domains", "alias-domain.list" },
    { METHOD_POST, V1 "/alias-domains", "alias-domain.create" },
    { METHOD_GET, V1 "/alias-domains/{domain}", "alias-domain.show" },
    { METHOD_PATCH, V1 "/alias-domains/{domain}", "alias-domain.update" },
    { METHOD_DELETE, V1 "/alias-domains/{domain}", "alias-domain.delete" },

    { METHOD_GET, V1 "/admins", "admin.list" },
    { METHOD_POST, V1 "/admins", "admin.create" },
    { METHOD_GET, V1 "/admins/{username}", "admin.show" },
    { METHOD_PATCH, V1 "/admins/{username}", "admin.update" },
    { METHOD_DELETE, V1 "/admins/{username}", "admin.delete" },
    { METHOD_POST, V1 "/admins/{username}/reset-totp", "admin.reset-totp" },

    { METHOD_GET, V1 "/transports", "transport.list" },
    { METHOD_POST, V1 "/transports", "transport.create" },
    { METHOD_GET, V1 "/transports/{destination}", "transport.show" },
    { METHOD_PATCH, V1 "/transports/{destination}", "transport.update" },
    { METHOD_DELETE, V1 "/transports/{destination}", "transport.delete" },

    { METHOD_GET, V1 "/sender-access", "sender-access.list" },
    { METHOD_POST, V1 "/sender-access", "sender-access.create" },
    { METHOD_GET, V1 "/sender-access/{sender}", "sender-access.show" },
    { METHOD_PATCH, V1 "/sender-access/{sender}", "sender-access.update" },
    { METHOD_DELETE, V1 "/sender-access/{sender}", "sender-access.delete" },

    { METHOD_GET, V1 "/sender-logins", "sender-login.list" },
    { METHOD_POST, V1 "/sender-logins", "sender-login.create" },
    { METHOD_GET, V1 "/sender-logins/{id}", "sender-login.show" },
    { METHOD_PATCH, V1 "/sender-logins/{id}", "sender-login.update" },
    { METHOD_DELETE, V1 "/sender-logins/{id}", "sender-login.delete" },

    { METHOD_GET, V1 "/relays", "relay.list" },
    { METHOD_POST, V1 "/relays", "relay.create" },
    { METHOD_GET, V1 "/relays/{name}", "relay.show" },
    { METHOD_PATCH, V1 "/relays/{name}", "relay.update" },
    { METHOD_DELETE, V1 "/relays/{name}", "relay.delete" },
    { METHOD_POST, V1 "/relays/{name}/test", "relay.test" },
    { METHOD_GET, V1 "/tokens", "token.list" },
    { METHOD_POST, V1 "/tokens", "token.create" },
    { METHOD_GET, V1 "/tokens/{id}", "token.show" },
    { METHOD_DELETE, V1 "/tokens/{id}", "token.delete" },

    { METHOD_GET, V1 "/fetchmail", "fetchmail.list" },
    { METHOD_POST, V1 "/fetchmail", "fetchmail.create" },
    { METHOD_GET, V1 "/fetchmail/{id}", "fetchmail.show" },
    { METHOD_PATCH, V1 "/fetchmail/{id}", "fetchmail.update" },
    { METHOD_DELETE, V1 "/fetchmail/{id}", "fetchmail.delete" },

    { METHOD_GET, V1 "/log", "log.list" },
    { METHOD_GET, V1 "/log/verify", "log.verify" },
    { METHOD_GET, V1 "/log/{id}", "log.show" },
    { METHOD_POST, V1 "/log/{id}/undo", "log.undo" },

    { METHOD_POST, V1 "/letters", "letter.create" },
    { METHOD_GET, V1 "/broadcasts", "broadcast.list" },
    { METHOD_POST, V1 "/broadcasts", "broadcast.create" },
    { METHOD_GET, V1 "/broadcasts/{id}", "broadcast.show" },
    { METHOD_POST, V1 "/broadcasts/{id}/cancel", "broadcast.cancel" },
    { METHOD_GET, V1 "/errands", "errand.list" },
    { METHOD_GET, V1 "/errands/{id}", "errand.show" },
    { METHOD_POST, V1 "/errands/{id}/retry", "errand.retry" },

    { METHOD_GET, NULL, NULL },
};

/* Dovecot's auth policy client appends it to whatever address it was given. */
const char *route_query(const struct route *r)
{
    return r->verb && strcmp(r->verb, "log-in.report") == 0 ? "command=report" : NULL;
}
