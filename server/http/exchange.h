/* server/http/exchange.h - one request and its answer, from the first octet to the last
 *
 * WHAT    What is known of the request, and the answer as it comes about.
 * OWNS    Its task, which is opened with the request line and closed when libmicrohttpd says that the request
 *         is over; everything here lies in it. It belongs to the socket's thread, except between
 *         workers_offer() and finish().
 */
#ifndef POSTREEVE_HTTP_EXCHANGE_H
#define POSTREEVE_HTTP_EXCHANGE_H

#include "http/head.h"
#include "http/response.h"
#include "http/target.h"
#include "http/worker.h"

#include <netinet/in.h>

struct MHD_Connection;
struct MHD_Response;
struct site;
struct watch;

enum stage {
    STAGE_LINE,     /* only the request line is there */
    STAGE_BODY,     /* the head is read, the body is coming */
    STAGE_WORKING,  /* a worker has it; the connection is suspended */
    STAGE_ANSWERED, /* the response is ready */
    STAGE_SENDING,
};

struct asked {                /* the method */
    enum method method;       /* HEAD is a GET whose body is not sent */
    bool options, unknown;    /* then `method` says nothing */
};

struct body {
    char *at;
    size_t length, room;
    int64_t received;         /* octets of the body, kept or not */
    bool kept;                /* this method has a use for one */
};

struct exchange {
    struct job job;           /* first: the worker's job is the exchange */
    struct task *task;
    struct MHD_Connection *connection;
    struct MHD_Response *sent; /* kept until the end, since it holds copies of the headers */
    struct watch *watch;
    enum stage stage;

    struct target target;
    struct asked asked;
    struct head head;
    struct body body;
    struct in6_addr client;
    bool secure;              /* by TLS, ours or a trusted proxy's */
    bool local;               /* from this machine, and not passed on for somebody else */
    struct refusal refusal;   /* status 0: nothing is wrong so far */

    void (*work)(const struct site *s, struct exchange *x); /* what a worker is to do; NULL: nothing */
    struct call call;
    struct document_call document;
    struct response response;

    size_t series;            /* of the metrics */
    int64_t began_us;
    bool counted;             /* in flight */
};

struct exchange *exchange_open(struct text target);
void exchange_close(struct exchange *x);
struct asked asked_of(const char *method);
/* Takes octets of the body; false when there have been so many that reading on is not worth it. */
MUST_USE bool exchange_take(struct exchange *x, const char *octets, size_t size, int64_t limit);
/* Beyond this, a body that is refused is not even read to its end: the connection just closes. */
#define DRAIN_BYTES_MAX (INT64_C(32) << 20)

#endif
