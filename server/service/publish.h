/* server/service/publish.h - what others are told of a domain, without anybody logged in
 *
 * WHAT    Settings for mail programs and the MTA-STS policy: of domains that this server serves, from the configuration. They
 *         are the same for every address, so that nobody learns which exist.
 * ENDS    MISSING: no domain of ours, or one that is switched off, or the configuration has no host to name. RETRY when the
 *         database cannot tell. The connection goes back in every case.
 */
#ifndef POSTREEVE_SERVICE_PUBLISH_H
#define POSTREEVE_SERVICE_PUBLISH_H

#include "model/client_settings.h"
#include "service/verb.h"

/* `username` is what each server is to be given; absent where no address is at hand. */
MUST_USE enum outcome published_clients(const struct service *s, struct task *t, struct text domain, struct text username,
                                        struct client_settings *out);
MUST_USE enum outcome published_policy(const struct service *s, struct task *t, struct text domain, struct text *out);

#endif
