/* server/http/site.h - what each path means
 *
 * WHAT    The API by the route table it is handed; /healthz, /readyz, /metrics and the OpenAPI document;
 *         everything else is the web interface. Decides what is to be answered, and what only a worker may
 *         do; moves no octet.
 */
#ifndef POSTREEVE_HTTP_SITE_H
#define POSTREEVE_HTTP_SITE_H

#include "config/config.h"
#include "http/exchange.h"
#include "http/files.h"
#include "http/metrics.h"
#include "http/rate.h"

#define GAUGES_MAX 9

struct site {
    struct api *api;
    struct files files;
    struct text openapi, openapi_etag;
    struct metrics *metrics;
    struct rate *rate; /* of documents */
    size_t series_of_routes, series_of_documents, series_of_files, series_of_others; /* where they begin among the labels */
    size_t (*gauges)(void *context, struct gauge out[GAUGES_MAX]);
    void *context;
};

/* Everything of the site lies in the task, which must outlive it. */
MUST_USE enum outcome site_open(struct task *t, struct api *api, const struct config *c, struct site *out);
void site_close(struct site *s);

/* Fills x->response, or sets x->work, which will. */
void site_answer(const struct site *s, struct exchange *x);
/* The answer when no worker can take it now. */
void site_answer_busy(struct exchange *x);

#endif
