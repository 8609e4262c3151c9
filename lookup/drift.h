/* lookup/drift.h - what differs between the configuration that is in use and what would be rendered now
 *
 * WHAT    Names each parameter of main.cf, each service and override of master.cf (lookup/live.h), and each rendered
 *         file on the disk (Postfix' maps, Dovecot's, Cyrus' and Courier's files) that is missing or another. What the
 *         operator set and we do not render is none; nor is how old a table of the database's rows is.
 * SECRET  Of files, it says which differ and never what is in them.
 */
#ifndef POSTREEVE_LOOKUP_DRIFT_H
#define POSTREEVE_LOOKUP_DRIFT_H

#include "lookup/render.h"

struct drift_options {
    const char *postfix_config; /* directory of main.cf and master.cf */
    bool json;
};

/* Prints them; `same` says that there are none. */
MUST_USE enum outcome drift(struct task *t, const struct config *c, const struct render_options *render,
                            const struct drift_options *options, bool *same);

#endif
