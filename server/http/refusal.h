/* server/http/refusal.h - why http turns a request away before anybody else has seen it
 *
 * WHAT    A plain value: the status, and where it helps the field (a header, an argument, "body") and what is wrong
 *         with it. refuse() words it with api_refuse(), so that every error of the API reads alike.
 */
#ifndef POSTREEVE_HTTP_REFUSAL_H
#define POSTREEVE_HTTP_REFUSAL_H

#include "base/problem.h"

struct refusal {
    unsigned status; /* 0: not refused */
    const char *field;
    const struct problem_kind *kind;
};

#define NOT_REFUSED ((struct refusal){ 0, NULL, NULL })
#define REFUSED(status, field, kind) ((struct refusal){ (status), (field), (kind) })

#endif
