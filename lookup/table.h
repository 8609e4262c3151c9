/* lookup/table.h - a text and the table that postmap(1) makes of it, either both old or both new
 *
 * WHAT    The text is written as output.h has it; when it differs from the one that is there, or when its table is missing,
 *         postmap makes the table from the new text beside the old one, and both are renamed over. What goes wrong before
 *         leaves the old pair as it was.
 * ENDS    DONE; CONFLICT after a line on standard error: a file cannot be written, or postmap refused it.
 */
#ifndef POSTREEVE_LOOKUP_TABLE_H
#define POSTREEVE_LOOKUP_TABLE_H

#include "lookup/output.h"

struct table_type { /* of postmap(1), which adds the ending to the file's name */
    const char *name, *ending;
};
extern const struct table_type table_types[]; /* ended by an empty row */
const struct table_type *table_type_named(struct text name); /* NULL: there is none */

/* Ends what was written to `to`, the new text of `path`. Without a type it is the text alone. */
MUST_USE enum outcome table_keep(struct task *t, struct output *to, const char *path, const struct table_type *type);

/* A line of such a text. A local part with blanks or quotes, which would make another line of it, is written quoted, as Postfix
 * asks for it first; a control character in the value becomes a blank, and so no line begins there. False: a table cannot hold
 * it, because the key begins with '#' (a comment, to postmap), holds control characters, or blanks or quotes in its domain, or is
 * too long, or because the value is empty or nothing but blanks. */
bool table_line(struct task *t, struct text key, struct text value, struct text *out);

#endif
