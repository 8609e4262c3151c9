/* lookup/vquota.h - the file of mailbox sizes that Postfix with the VDA patch reads
 *
 * WHAT    `user@domain octets` for each active mailbox, capped at virtual_mailbox_limit; a mailbox without a
 *         limit of its own has that one. With domain defaults also `@domain octets`, what the domain allows
 *         one mailbox.
 * HOW     Rows are written as they come, so a million of them need no more memory than ten. The table is
 *         built from the new file beside the old one, then both are renamed over; what goes wrong before
 *         leaves the old pair as it was, and the same content touches neither.
 * ENDS    DONE; RETRY (the database cannot tell now); CONFLICT (a file cannot be written, or postmap refused
 *         it).
 */
#ifndef POSTREEVE_LOOKUP_VQUOTA_H
#define POSTREEVE_LOOKUP_VQUOTA_H

#include "config/config.h"
#include "lookup/table.h"
#include "store/statement.h"

struct vquota_options {
    const char *out;               /* NULL: standard output */
    const struct table_type *type; /* NULL: no table */
    bool domain_defaults;
};

/* The task has a connection (directory.h). */
MUST_USE enum outcome vquota(struct task *t, const struct config *c, const struct vquota_options *options);

/* For the test that prepares every statement. */
extern const struct statement vquota_statements[];

#endif
