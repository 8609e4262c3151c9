/* server/api/call.h - one call of the API, as http hands it over, and its answer
 *
 * WHAT    http has parsed the request as HTTP, found the session's token in the cookie and checked the CSRF token; api
 *         runs the verb and says what to answer. Neither knows the other's library.
 * OWNS    Everything belongs to the task; the answer lives until http has closed it.
 */
#ifndef POSTREEVE_API_CALL_H
#define POSTREEVE_API_CALL_H

#include "base/task.h"

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE };
extern const char *const method_words[]; /* "GET", ...; ended by NULL */

/* A path like "/api/v1/domains/{domain}/mailboxes"; a {part} matches one segment, which arrives percent-decoded. */
struct route {
    enum method method;
    const char *path;
    const char *verb; /* "mailbox.list" */
};
extern const struct route routes[]; /* ended by a NULL path */
/* NAME=VALUE that may stand behind a route, because whoever asks cannot help it; NULL: none. */
const char *route_query(const struct route *r);

#define ROUTE_PARTS_MAX 2
struct name_value {
    struct text name, value;
};

struct call {
    const struct route *route;
    struct text parts[ROUTE_PARTS_MAX]; /* the {…} of the path, in their order */
    const struct name_value *query;     /* percent-decoded */
    size_t query_count;
    struct text body, content_type;
    struct text session_token;          /* from the cookie; absent without one */
    struct text bearer;                 /* an API token, from Authorization; then no cookie counts */
    struct text if_match, idempotency_key, accept_language, user_agent;
    struct text source;                 /* the client's address as text, behind a trusted proxy the one it names */
};

struct reply {
    unsigned status;
    struct text body, content_type;     /* no body: absent */
    struct text etag, location, allow;  /* absent: no such header */
    int64_t retry_after_seconds;        /* 0: no such header */
    int64_t undo;                       /* the log's record to undo for taking it back; 0: no such header */
    bool replayed;                      /* an answer given before, to the same request */
    struct text set_session;            /* a new session's token for the cookie */
    bool clear_session;                 /* the cookie is void */
    int64_t not_before_ms;              /* clock_monotonic_ms() before which nothing may be sent; 0: at once */
};

struct api;
/* Fills `out`; never fails: what goes wrong is an answer, too. */
void api_call(struct api *a, struct task *t, const struct call *call, struct reply *out);

/* An answer for what http itself refuses: application/problem+json of that status, with an entry for `field` when given
 * (a header's or member's name). */
void api_refuse(struct task *t, unsigned status, const char *field, const struct problem_kind *kind, struct reply *out);

/* What anybody may read besides: settings for mail programs, the MTA-STS policy. No session and no token counts there, and
 * the answer is the same whether or not an address exists. */
struct asking;
struct document {
    const char *path;  /* compared without case: Outlook asks for /Autodiscover/Autodiscover.xml, too */
    bool takes_post;
    const char *type;
    enum outcome (*answer)(struct asking *a, struct text *out);
};
extern const struct document documents[]; /* ended by a NULL path */

struct document_call {
    const struct document *document;
    const struct name_value *query;
    size_t query_count;
    struct text host, body; /* the body absent unless it is a POST */
};
/* Fills `out`; never fails. */
void api_document(struct api *a, struct task *t, const struct document_call *call, struct reply *out);

/* OpenAPI 3.1 of all routes. */
struct text api_openapi(struct task *t);
/* DONE when the database answers and its tables are of this version (/readyz). */
MUST_USE enum outcome api_ready(struct api *a, struct task *t);

#endif
