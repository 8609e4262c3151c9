/* server/api/document.h - how each document that anybody may read is written; of this room alone (call.h has the rest)
 *
 * Whatever stands between tags has been escaped: no address and no setting can end an element.
 */
#ifndef POSTREEVE_API_DOCUMENT_H
#define POSTREEVE_API_DOCUMENT_H

#include "model/client_settings.h"

/* Mozilla's autoconfig 1.1 (Thunderbird, K-9, Evolution). */
struct text document_autoconfig(struct task *t, const struct client_settings *c);
/* The answer of Outlook's autodiscover (MS-OXDSCLI, "POX"). */
struct text document_autodiscover(struct task *t, const struct client_settings *c);
/* A configuration profile for the mail of Apple's systems; not signed. */
struct text document_profile(struct task *t, const struct client_settings *c);

/* The address in a request of autodiscover. False: it is no such request, or says more than such a request has to say (a
 * document type, which could hold entities; more depth). Absent: it names none. */
bool document_read_autodiscover(struct task *t, struct text body, struct text *address);

#endif
