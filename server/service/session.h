/* server/service/session.h - who is behind a session's token */
#ifndef POSTREEVE_SERVICE_SESSION_H
#define POSTREEVE_SERVICE_SESSION_H

#include "service/verb.h"

/* Fills role, username and session of `actor` from the cookie's token; an unknown, expired or switched-off one leaves
 * ROLE_NOBODY and is DONE, too. RETRY when that cannot be told now. */
/* The same for an API token. Whoever comes from a network that is not the token's is nobody. */
MUST_USE enum outcome token_identify(const struct service *s, struct task *t, struct text bearer, struct actor *actor);
MUST_USE enum outcome session_identify(const struct service *s, struct task *t, struct text token, struct actor *actor);

#endif
