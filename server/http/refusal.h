/* server/http/refusal.h - why http turns a request away before anybody else has seen it
 *
 * WHAT    A plain value: the status, and where it helps the field (a header, an argument, "body"), what is
 *         wrong with it, and a figure. It is worded by api_refuse(), so that every error of the API reads
 *         alike.
 */
#ifndef POSTREEVE_HTTP_REFUSAL_H
#define POSTREEVE_HTTP_REFUSAL_H

#include "base/problem.h"

struct refusal {
    unsigned status; /* 0: not refused */
    const char *field;
    const struct problem_kind *kind;
    struct figure figure;
};

#define NOT_REFUSED ((struct refusal){ 0 })
#define REFUSED(code, where, what) ((struct refusal){ .status = (code), .field = (where), .kind = (what) })
#define REFUSED_ABOVE(code, where, what, most) \
    ((struct refusal){ .status = (code), .field = (where), .kind = (what), .figure = { "max", (most) } })

#endif
