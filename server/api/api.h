/* server/api/api.h - the API as a whole: opened once, called by many threads (call.h) */
#ifndef POSTREEVE_API_API_H
#define POSTREEVE_API_API_H

#include "api/call.h"
#include "config/config.h"
#include "service/verb.h"

/* NULL after a line in the log when a route has no verb or a verb no permit. `c` must outlive it. */
struct api *api_open(const struct config *c);
void api_close(struct api *a);
/* Connections to the database: open, in use. */
void api_figures(struct api *a, int64_t *open, int64_t *used);

/* The service behind it. */
struct service *api_service(struct api *a);

/* What programs need to run verbs without HTTP. */
struct store_settings store_settings_of(const struct config *c, const struct database_settings *d);
struct service service_of(const struct config *c, struct store *store);

/* The one translation of outcomes into HTTP. */
unsigned status_of(enum outcome o);

#endif
