/* lookup/access.h - how the mail daemons reach the database themselves
 *
 * WHAT    The account of [lookup] in the four or five words that Postfix, Cyrus SASL and Dovecot each write
 *         in their own way. Where the configuration leaves it to an option file (my.cnf style), it is read
 *         from there, as the client library would: the daemons cannot all read such a file.
 * ENDS    DONE, or INVALID after a line on standard error that names the setting.
 */
#ifndef POSTREEVE_LOOKUP_ACCESS_H
#define POSTREEVE_LOOKUP_ACCESS_H

#include "config/config.h"

struct access {
    struct endpoints servers; /* one at least */
    struct text socket;       /* of a local one; empty: the usual one */
    struct text name, user, password;
};

MUST_USE enum outcome access_read(struct task *t, const struct database_settings *from, struct access *out);

/* Whether a value can stand in every file that we write, and mean itself there: no blanks or control
 * characters, nothing that one of the formats takes for a quote, an escape, a comment, a variable or a
 * separator. Else INVALID, after a line that names `setting`. */
MUST_USE enum outcome access_check_value(const char *setting, struct text value);

#endif
